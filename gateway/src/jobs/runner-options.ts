/** Options of the runner, and their defaults. */

import type { VideoWorker } from './attempt.ts';
import { MAX_ATTEMPTS } from './failure.ts';
import type { JobStore, Retention } from './job.ts';
import type { JobLogger } from './job-log.ts';

export interface RunnerOptions {
  readonly store: JobStore;
  readonly pool: VideoWorker;
  /** Jobs worked on at once. */
  readonly concurrency: number;
  readonly log: JobLogger;
  /** Folder of all results. Default: null, the pool's own; then retention leaves directories alone. */
  readonly out?: string | null;
  /** Milliseconds without a finished frame that end an attempt. Default: 60,000. */
  readonly noProgressMs?: number;
  /** Milliseconds for an attempt; a job's option `timeoutMs` goes before it. Default: null, no limit. */
  readonly totalMs?: number | null;
  /** Seconds of the longest video that is worked on. Default: null, no limit. */
  readonly maxDurationS?: number | null;
  /** Attempts that may fail before the job does. Default: 3. */
  readonly maxAttempts?: number;
  /** Can the pool work? While it cannot, jobs wait. Default: always. */
  readonly isReady?: () => boolean;
  /** Default: null, nothing is forgotten. */
  readonly retention?: Retention | null;
  /** Milliseconds of silence after which another process may take a job. Default: 15,000. */
  readonly leaseMs?: number;
  /** Milliseconds between two looks at the store. Default: 1,000. */
  readonly tickMs?: number;
  readonly random?: () => number;
}

export type ResolvedRunnerOptions = Required<RunnerOptions>;

export function resolveRunnerOptions(options: RunnerOptions): ResolvedRunnerOptions {
  const { concurrency } = options;
  if (!Number.isInteger(concurrency) || concurrency < 1)
    throw new TypeError(`concurrency must be an integer of at least 1, got ${concurrency}`);
  return {
    out: null,
    noProgressMs: 60_000,
    totalMs: null,
    maxDurationS: null,
    maxAttempts: MAX_ATTEMPTS,
    isReady: () => true,
    retention: null,
    leaseMs: 15_000,
    tickMs: 1_000,
    random: Math.random,
    ...options,
  };
}
