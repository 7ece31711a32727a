/** A store under test with its two clocks in hand, and what its tests make and look for. */
import { expect } from 'vitest';
import type { Claimed, Job, JobFailure, JobResult, JobStore, NewJob } from '../../../src/jobs/job.ts';
import { JobError } from '../../../src/jobs/job-error.ts';

export interface StoreSettings {
  readonly maxQueued: number;
  readonly nowS: () => number;
  readonly monotonicMs: () => number;
}

export const LEASE_MS = 1_000;
export const NOW_S = 1_700_000_000;
export const HOUR_S = 3_600;
export const KEEP_ALL = { maxAgeS: 1e9, maxBytes: 1e15, maxJobs: 1e6 };

export class StoreRig {
  nowS = NOW_S;
  monotonicMs = 5_000;
  readonly #open: (settings: StoreSettings) => JobStore;
  #store: JobStore | null = null;

  constructor(open: (settings: StoreSettings) => JobStore) {
    this.#open = open;
  }

  /** A fresh store, for the next test. */
  renew(): void {
    this.nowS = NOW_S;
    this.monotonicMs = 5_000;
    this.#store = this.#open({
      maxQueued: 5,
      nowS: () => this.nowS,
      monotonicMs: () => this.monotonicMs,
    });
  }

  get store(): JobStore {
    if (this.#store === null) throw new Error('the rig has no store yet');
    return this.#store;
  }

  submit(job: Partial<NewJob> = {}): Job {
    return this.store.submit({ videoPath: '/v/ride.mp4', ...job });
  }

  claim(): Claimed {
    const claimed = this.store.claim('gateway-a', LEASE_MS);
    if (claimed === null) throw new Error('expected a job to claim');
    return claimed;
  }

  find(id: string): Job {
    const job = this.store.get(id);
    if (job === null) throw new Error(`expected the job ${id}`);
    return job;
  }

  /** Claim the next job and complete it. */
  complete(directory?: string, bytes?: number): string {
    const { job, token } = this.claim();
    expect(this.store.complete(job.id, token, result(directory, bytes))).toBe(true);
    return job.id;
  }
}

export const ids = (jobs: readonly Job[]) => jobs.map(({ id }) => id);

export const result = (directory = '/out/video_0', bytes = 10): JobResult => ({
  directory,
  summary: { frames: 31, message: null },
  bytes,
});

export const failed = (code = 'INFERENCE_FAILED'): JobFailure => ({
  code,
  message: 'the estimator failed',
  hint: null,
  retryable: true,
  videoPath: '/v/ride.mp4',
  attempt: 1,
  atS: NOW_S,
  elapsedS: 2,
});

/** The JobError that a call throws; anything else fails the test. */
export function refusal(call: () => unknown): JobError {
  try {
    call();
  } catch (error) {
    if (error instanceof JobError) return error;
    throw error;
  }
  throw new Error('expected a JobError, nothing was thrown');
}
