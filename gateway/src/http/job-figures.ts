/** Counts of jobs, asked for by every probe and dashboard: looked up at most a few times a second. */
import type { JobStats, JobStore } from '../jobs/job.ts';

const MAX_AGE_MS = 250;
/** Seconds, before any job was completed. */
const UNKNOWN_PLACE_S = 5;
/** Nobody is sent away for longer, in seconds. */
const MAX_PLACE_S = 300;

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

  /** Seconds until a place in a full queue is likely to be free. */
  placeS(concurrentJobs: number): number {
    const meanS = this.stats.durationsS?.mean ?? UNKNOWN_PLACE_S;
    return Math.min(MAX_PLACE_S, Math.max(1, Math.ceil(meanS / concurrentJobs)));
  }

  /** Seconds that a job submitted now is likely to wait; 0 until durations are known. */
  waitS(concurrentJobs: number): number {
    const { counts, durationsS } = this.stats;
    const before = counts.queued + counts.processing;
    if (durationsS === null || before < concurrentJobs) return 0;
    return Math.round((durationsS.mean * (before - concurrentJobs + 1)) / concurrentJobs);
  }
}
