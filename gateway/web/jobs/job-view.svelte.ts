/** The job that is looked at, as it changes. */
import { cancelJob, getJob, retryJob } from '../api/client.ts';
import { problemOf } from '../api/failure.ts';
import { followJob } from '../api/follow.ts';
import type { Job, Problem } from '../api/types.ts';
import { jobList } from './job-list.svelte.ts';

export class JobFollowing {
  job: Job | null = $state.raw(null);
  /** Why the job cannot be shown, or what was asked for was refused. */
  problem: Problem | null = $state(null);
  readonly #id: string;
  #end = new AbortController();

  constructor(id: string) {
    this.#id = id;
    void this.#follow();
  }

  /** Follow until the returned function is called. */
  close(): void {
    this.#end.abort();
  }

  async cancel(): Promise<void> {
    await this.#change(() => cancelJob(this.#id));
  }

  async retry(): Promise<void> {
    this.#end.abort();
    this.#end = new AbortController();
    await this.#change(() => retryJob(this.#id));
    void this.#follow();
  }

  async #change(make: () => Promise<Job>): Promise<void> {
    try {
      this.job = await make();
      this.problem = null;
    } catch (failure) {
      this.problem = problemOf(failure);
    }
    await jobList.refresh();
  }

  async #follow(): Promise<void> {
    const { signal } = this.#end;
    try {
      this.job = await getJob(this.#id, signal);
      const follower = {
        state: (job: Job) => {
          this.job = job;
          this.problem = null;
          void jobList.refresh();
        },
        progress: (progress: Job['progress']) => {
          if (this.job !== null) this.job = { ...this.job, progress };
        },
        lost: (failure: unknown) => {
          this.problem = problemOf(failure);
        },
      };
      await followJob(this.#id, follower, signal);
    } catch (failure) {
      if (!signal.aborted) this.problem = problemOf(failure);
    }
  }
}
