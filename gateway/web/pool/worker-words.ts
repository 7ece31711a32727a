/** What a worker is doing, in words. */
import type { WorkerStats } from '../api/types.ts';
import { bytesInWords, durationInWords } from '../page/words.ts';

export type Mood = 'good' | 'busy' | 'bad' | 'waiting';

const MOODS: Readonly<Record<string, Mood>> = {
  ready: 'good',
  idle: 'good',
  busy: 'busy',
  starting: 'waiting',
};

export function moodOf({ state }: Pick<WorkerStats, 'state'>): Mood {
  return MOODS[state] ?? 'bad';
}

export function doingOf({ state, in_flight }: Pick<WorkerStats, 'state' | 'in_flight'>): string {
  if (in_flight > 0) return `${in_flight} ${in_flight === 1 ? 'request' : 'requests'} in hand`;
  return state === 'starting' ? 'loading its models' : state === 'ready' || state === 'idle' ? 'idle' : state;
}

export function factsOf({ estimator, device, rss_bytes, uptime_s, restarts }: WorkerStats): string {
  const facts = [
    estimator === null ? null : `${estimator}${device === null ? '' : ` on ${device}`}`,
    rss_bytes === null ? null : bytesInWords(rss_bytes),
    uptime_s === null ? null : `up ${durationInWords(uptime_s)}`,
    restarts === 0 ? null : `started anew ${restarts} ${restarts === 1 ? 'time' : 'times'}`,
  ];
  return facts.filter((fact) => fact !== null).join(' · ');
}
