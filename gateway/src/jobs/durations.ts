/** What a set of durations says. */
import type { JobStats } from './job.ts';

/** Newest completed jobs that durations are taken from. */
export const DURATIONS_FROM = 200;

/** Nearest-rank percentiles; null without any. */
export function describeDurations(seconds: readonly number[]): JobStats['durationsS'] {
  if (seconds.length === 0) return null;
  const ordered = seconds.toSorted((a, b) => a - b);
  const rank = (share: number) => ordered[Math.max(0, Math.ceil(share * ordered.length) - 1)] ?? 0;
  const mean = seconds.reduce((sum, one) => sum + one, 0) / seconds.length;
  return { count: seconds.length, mean, p50: rank(0.5), p95: rank(0.95) };
}
