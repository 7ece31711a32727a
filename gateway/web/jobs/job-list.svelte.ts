/** The newest jobs, asked for again and again while the page is looked at. */
import { listJobs } from '../api/client.ts';
import { problemOf } from '../api/failure.ts';
import { session } from '../api/session.svelte.ts';
import type { Job, Problem } from '../api/types.ts';

const EVERY_MS = 2_500;
const PAGE = 20;
/** What the gateway gives at most. */
const MOST = 200;

class JobListState {
  jobs: readonly Job[] = $state.raw([]);
  problem: Problem | null = $state(null);
  isLoaded = $state(false);
  hasMore = $state(false);
  #limit = PAGE;

  async refresh(signal: AbortSignal = new AbortController().signal): Promise<void> {
    if (session.refusal !== null) return;
    try {
      const { jobs, after } = await listJobs(this.#limit, signal);
      this.jobs = jobs;
      this.hasMore = after !== null && this.#limit < MOST;
      this.problem = null;
      this.isLoaded = true;
    } catch (failure) {
      if (!signal.aborted) this.problem = problemOf(failure);
    }
  }

  async more(): Promise<void> {
    this.#limit = Math.min(MOST, 2 * this.#limit);
    await this.refresh();
  }

  /** Ask until the returned function is called. */
  watch(): () => void {
    const end = new AbortController();
    const ask = () => void (document.hidden || this.refresh(end.signal));
    const timer = setInterval(ask, EVERY_MS);
    document.addEventListener('visibilitychange', ask, { signal: end.signal });
    ask();
    return () => {
      clearInterval(timer);
      end.abort();
    };
  }
}

export const jobList = new JobListState();
