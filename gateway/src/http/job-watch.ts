/** Those who wait for a job, or follow it: one listener on the runner for all of them. */
import type { EventEmitter } from 'node:events';
import type { Job, JobStore } from '../jobs/job.ts';
import type { RunnerEvents } from '../jobs/job-log.ts';
import { jobNotFound } from '../jobs/refusals.ts';
import { Refusal } from './refusal.ts';

export type Follower = (job: Job) => void;

/** Between two looks at the store, for what another process did to a job. */
const LOOK_MS = 2_000;

export class JobWatch {
  readonly #store: Pick<JobStore, 'get'>;
  readonly #followers = new Map<string, Set<Follower>>();
  readonly #end = new AbortController();

  constructor(events: EventEmitter<RunnerEvents>, store: Pick<JobStore, 'get'>) {
    this.#store = store;
    events.on('job', (job) => {
      for (const follower of this.#followers.get(job.id) ?? []) follower(job);
    });
  }

  /** Calls `follower` with every change. The returned function leaves. */
  follow(id: string, follower: Follower): () => void {
    const followers = this.#followers.get(id) ?? new Set();
    this.#followers.set(id, followers.add(follower));
    return () => {
      followers.delete(follower);
      if (followers.size === 0) this.#followers.delete(id);
    };
  }

  /** Nobody waits any longer: whoever does is told that the job goes on with the next start. */
  end(): void {
    this.#end.abort();
  }

  /** The job when it is over. Rejects with the signal's reason, and with SHUTTING_DOWN. */
  async finished(id: string, signal: AbortSignal): Promise<Job> {
    const { promise, resolve, reject } = Promise.withResolvers<Job>();
    const look = (job: Job | null) => {
      if (job === null) reject(jobNotFound(id));
      else if (isOver(job)) resolve(job);
    };
    const lookInStore = () => {
      try {
        look(this.#store.get(id));
      } catch {
        // the store is away for a moment; the job goes on
      }
    };
    const leave = this.follow(id, look);
    const timer = setInterval(lookInStore, LOOK_MS);
    const giveUp = () => reject(signal.reason);
    const endWait = () => reject(ending(id));
    signal.addEventListener('abort', giveUp, { once: true });
    this.#end.signal.addEventListener('abort', endWait, { once: true });
    try {
      if (signal.aborted) giveUp();
      lookInStore();
      return await promise;
    } finally {
      leave();
      clearInterval(timer);
      signal.removeEventListener('abort', giveUp);
      this.#end.signal.removeEventListener('abort', endWait);
    }
  }
}

function ending(id: string): Refusal {
  return new Refusal('SHUTTING_DOWN', 'the gateway ends; the job goes on when it is started again', {
    hint: `Then ask for GET /pose/video/status/${id}.`,
    fields: { job_id: id },
  });
}

export function isOver({ state }: Pick<Job, 'state'>): boolean {
  return state === 'completed' || state === 'failed' || state === 'cancelled';
}
