/** Jobs in memory: what the interface means without a database. For tests of what stands on a store. */
import { randomUUID } from 'node:crypto';
import { describeDurations } from '../../src/jobs/durations.ts';
import { chooseForgettable, FORGET_AT_ONCE, historyOf } from '../../src/jobs/forgettable.ts';
import {
  type Claimed,
  JOB_STATES,
  type Job,
  type JobFailure,
  type JobPage,
  type JobProgress,
  type JobQuery,
  type JobResult,
  type JobState,
  type JobStats,
  type JobStore,
  MAX_PAGE,
  type NewJob,
  type Pruned,
  type Retention,
} from '../../src/jobs/job.ts';
import { JobError } from '../../src/jobs/job-error.ts';
import { MAX_INTERRUPTIONS, MAX_QUEUED, MAX_RETRY_WAIT_S } from '../../src/jobs/limits.ts';
import { isSameRequest, resolveNewJob } from '../../src/jobs/new-job.ts';
import {
  idempotencyConflict,
  interrupted,
  jobFinished,
  jobNotFinished,
  jobNotFound,
  queueFull,
} from '../../src/jobs/refusals.ts';

export interface MemoryStoreOptions {
  readonly maxQueued?: number;
  readonly nowS?: () => number;
  readonly monotonicMs?: () => number;
}

interface Kept {
  job: Job;
  dueAtS: number;
  failures: number;
  interruptions: number;
  bestDone: number;
  lease: { readonly token: string; endsAtMs: number } | null;
}

export class MemoryStore implements JobStore {
  /** When set, every call throws it. */
  outage: JobError | null = null;
  readonly #kept: Kept[] = [];
  readonly #maxQueued: number;
  readonly #nowS: () => number;
  readonly #monotonicMs: () => number;
  #interruptions = 0;
  #lateResults = 0;
  #isOpen = true;

  constructor({
    maxQueued = MAX_QUEUED,
    nowS = () => Date.now() / 1_000,
    monotonicMs = () => performance.now(),
  }: MemoryStoreOptions = {}) {
    this.#maxQueued = maxQueued;
    this.#nowS = nowS;
    this.#monotonicMs = monotonicMs;
  }

  submit(job: NewJob): Job {
    const asked = resolveNewJob(job);
    this.check();
    const key = asked.idempotencyKey;
    const known = key === null ? undefined : this.#kept.find(({ job }) => job.idempotencyKey === key);
    if (known !== undefined) {
      if (!isSameRequest(known.job, asked)) throw idempotencyConflict(key ?? '', known.job);
      return this.#seen(known);
    }
    if (this.#waiting().length >= this.#maxQueued) throw queueFull(this.#maxQueued);
    const kept: Kept = {
      job: {
        ...structuredClone(asked),
        id: randomUUID(),
        state: 'queued',
        createdAtS: this.#nowS(),
        startedAtS: null,
        completedAtS: null,
        attempt: 0,
        progress: null,
        result: null,
        error: null,
        queuePosition: null,
      },
      dueAtS: 0,
      failures: 0,
      interruptions: 0,
      bestDone: 0,
      lease: null,
    };
    this.#kept.push(kept);
    return this.#seen(kept);
  }

  get(id: string): Job | null {
    this.check();
    const kept = this.#kept.find(({ job }) => job.id === id);
    return kept === undefined ? null : this.#seen(kept);
  }

  list({ state, limit, after }: JobQuery): JobPage {
    this.check();
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE)
      throw new JobError('INVALID_REQUEST', `limit must be an integer from 1 to ${MAX_PAGE}, got ${limit}`);
    const end = after === undefined ? this.#kept.length : this.#kept.indexOf(this.#existing(after));
    const all = this.#kept
      .slice(0, end)
      .toReversed()
      .filter(({ job }) => state === undefined || job.state === state);
    const jobs = all.slice(0, limit).map((kept) => this.#seen(kept));
    return { jobs, after: all.length > limit ? (jobs.at(-1)?.id ?? null) : null };
  }

  claim(_owner: string, leaseMs: number): Claimed | null {
    this.check();
    const nowS = this.#nowS();
    const next = this.#waiting().find(
      ({ lease, dueAtS }) => lease === null && (dueAtS <= nowS || dueAtS > nowS + MAX_RETRY_WAIT_S),
    );
    if (next === undefined) return null;
    const { job, failures } = next;
    const token = randomUUID();
    next.lease = { token, endsAtMs: this.#monotonicMs() + leaseMs };
    next.job = { ...job, state: 'processing', attempt: job.attempt + 1, startedAtS: nowS };
    return { job: this.#seen(next), token, failures };
  }

  heartbeat(id: string, token: string, progress: JobProgress | null, leaseMs: number): boolean {
    this.check();
    const held = this.#held(id, token);
    if (held?.lease == null) return false;
    held.lease.endsAtMs = this.#monotonicMs() + leaseMs;
    held.job = { ...held.job, progress: structuredClone(progress ?? held.job.progress) };
    return true;
  }

  complete(id: string, token: string, result: JobResult): boolean {
    return this.#end(id, token, {
      state: 'completed',
      result: structuredClone(result),
      error: null,
      completedAtS: this.#nowS(),
    });
  }

  fail(id: string, token: string, error: JobFailure, retryAtS: number | null): boolean {
    const held = this.#held(id, token);
    const after: Partial<Job> =
      retryAtS === null ? { state: 'failed', completedAtS: this.#nowS() } : { state: 'queued' };
    const isOurs = this.#end(id, token, { ...after, error: structuredClone(error) });
    if (held !== undefined && isOurs) {
      held.failures += 1;
      held.dueAtS = retryAtS ?? held.dueAtS;
    }
    return isOurs;
  }

  release(id: string, token: string): boolean {
    this.check();
    const kept = this.#kept.find(({ job, lease }) => job.id === id && lease?.token === token);
    if (kept === undefined) return false;
    kept.lease = null;
    if (kept.job.state === 'processing') kept.job = { ...kept.job, state: 'queued' };
    return true;
  }

  cancel(id: string): Job {
    this.check();
    const kept = this.#existing(id);
    const { state } = kept.job;
    if (state === 'completed' || state === 'failed') throw jobFinished(kept.job);
    if (state !== 'cancelled') kept.job = { ...kept.job, state: 'cancelled', completedAtS: this.#nowS() };
    return this.#seen(kept);
  }

  retry(id: string): Job {
    this.check();
    const kept = this.#existing(id);
    const { state } = kept.job;
    if (state !== 'failed' && state !== 'cancelled') throw jobNotFinished(kept.job);
    Object.assign(kept, { dueAtS: 0, failures: 0, interruptions: 0, bestDone: 0 });
    const fresh = { startedAtS: null, completedAtS: null, progress: null, error: null };
    kept.job = { ...kept.job, ...fresh, state: 'queued', attempt: 0 };
    return this.#seen(kept);
  }

  expireLeases(): readonly Job[] {
    this.check();
    const over = this.#kept.filter(({ lease }) => lease !== null && lease.endsAtMs <= this.#monotonicMs());
    for (const kept of over) this.#expire(kept);
    return over.map((kept) => this.#seen(kept));
  }

  stats(): JobStats {
    this.check();
    const jobs = this.#kept.map(({ job }) => job);
    const nowS = this.#nowS();
    const completed = jobs
      .filter(({ state }) => state === 'completed')
      .toSorted((a, b) => (b.completedAtS ?? 0) - (a.completedAtS ?? 0));
    const failuresByCode: Record<string, number> = {};
    for (const { state, error } of jobs) {
      if (state !== 'failed' || error === null) continue;
      failuresByCode[error.code] = (failuresByCode[error.code] ?? 0) + 1;
    }
    return {
      counts: Object.fromEntries(
        JOB_STATES.map((state) => [state, jobs.filter((job) => job.state === state).length]),
      ) as Record<JobState, number>,
      oldestQueuedS: Math.max(0, ...this.#waiting().map(({ job }) => nowS - job.createdAtS)),
      completedPerHour: completed.filter(({ completedAtS }) => (completedAtS ?? 0) > nowS - 3_600).length,
      durationsS: describeDurations(
        completed.slice(0, 200).map((job) => Math.max(0, (job.completedAtS ?? 0) - (job.startedAtS ?? 0))),
      ),
      failuresByCode,
      interruptions: this.#interruptions,
      lateResults: this.#lateResults,
    };
  }

  prune(retention: Retention): Pruned {
    this.check();
    const finished = this.#kept
      .filter(({ job, lease }) => job.completedAtS !== null && lease === null)
      .map(({ job }) => ({ ...job, completedAtS: job.completedAtS ?? 0 }))
      .toSorted((a, b) => a.completedAtS - b.completedAtS);
    const { ids, directories } = chooseForgettable(
      finished.slice(0, FORGET_AT_ONCE),
      historyOf(finished),
      retention,
      this.#nowS(),
    );
    const jobs = [...ids].map((id) => this.#seen(this.#existing(id)));
    for (const id of ids) this.#kept.splice(this.#kept.indexOf(this.#existing(id)), 1);
    return { jobs, directories };
  }

  check(): void {
    if (this.outage !== null) throw this.outage;
    if (!this.#isOpen) throw new JobError('STORE_UNAVAILABLE', 'the job store was closed');
  }

  close(): void {
    this.#isOpen = false;
  }

  #expire(kept: Kept): void {
    kept.lease = null;
    if (kept.job.state !== 'processing') return;
    const done = kept.job.progress?.done ?? 0;
    kept.interruptions = done > kept.bestDone ? 1 : kept.interruptions + 1;
    kept.bestDone = Math.max(kept.bestDone, done);
    this.#interruptions += 1;
    const nowS = this.#nowS();
    kept.job =
      kept.interruptions < MAX_INTERRUPTIONS
        ? { ...kept.job, state: 'queued' }
        : {
            ...kept.job,
            state: 'failed',
            completedAtS: nowS,
            error: interrupted(kept.job, kept.interruptions, nowS),
          };
  }

  #end(id: string, token: string, after: Partial<Job>): boolean {
    this.check();
    const held = this.#held(id, token);
    if (held === undefined) this.#lateResults += 1;
    else {
      held.lease = null;
      held.job = { ...held.job, ...after };
    }
    return held !== undefined;
  }

  #held(id: string, token: string): Kept | undefined {
    return this.#kept.find(
      ({ job, lease }) => job.id === id && job.state === 'processing' && lease?.token === token,
    );
  }

  #existing(id: string): Kept {
    const kept = this.#kept.find(({ job }) => job.id === id);
    if (kept === undefined) throw jobNotFound(id);
    return kept;
  }

  #waiting(): Kept[] {
    return this.#kept
      .filter(({ job }) => job.state === 'queued')
      .toSorted((a, b) => b.job.priority - a.job.priority);
  }

  #seen(kept: Kept): Job {
    const place = this.#waiting().indexOf(kept);
    return { ...kept.job, queuePosition: place < 0 ? null : place + 1 };
  }
}
