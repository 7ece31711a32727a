/** Counts of jobs, asked for by every probe and dashboard: looked up at most a few times a second. */
import type { JobStats, JobStore } from '../jobs/job.ts';

const MAX_AGE_MS = 250;

export class JobFigures {
  readonly #store: Pick<JobStore, 'stats'>;
  #stats: JobStats | null = null;
  #takenAtMs = Number.NEGATIVE_INFINITY;

  constructor(store: Pick<JobStore, 'stats'>) {
    this.#store = store;
  }

  /** Throws STORE_UNAVAILABLE. */
  get stats(): JobStats {
    const nowMs = performance.now();
    if (this.#stats === null || nowMs - this.#takenAtMs > MAX_AGE_MS) {
      this.#stats = this.#store.stats();
      this.#takenAtMs = nowMs;
    }
    return this.#stats;
  }

  /** A job was accepted or changed: the next question is asked anew. */
  forget(): void {
    this.#stats = null;
  }

  /** Seconds that a job submitted now is likely to wait; 0 until durations are known. */
  waitS(concurrentJobs: number): number {
    const { counts, durationsS } = this.stats;
    const before = counts.queued + counts.processing;
    if (durationsS === null || before < concurrentJobs) return 0;
    return Math.round((durationsS.mean * (before - concurrentJobs + 1)) / concurrentJobs);
  }
}
