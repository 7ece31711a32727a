/** Takes jobs from the store to the pool: a few at a time, each by one attempt that holds its lease. */
import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { Attempt, type AttemptEnd } from './attempt.ts';
import { FORGET_AT_ONCE } from './forgettable.ts';
import type { Claimed, Job, NewJob } from './job.ts';
import { JobError } from './job-error.ts';
import { jobFacts, type RunnerEvents } from './job-log.ts';
import { removeResults } from './result-dir.ts';
import { type ResolvedRunnerOptions, type RunnerOptions, resolveRunnerOptions } from './runner-options.ts';
import { type Settled, settle } from './settle.ts';

/** Milliseconds that `stop` lets attempts go on. */
export const DRAIN_MS = 5_000;
/** Milliseconds without claims after the pool could not work. */
const OUTAGE_PAUSE_MS = 5_000;
/** Milliseconds between two events about the progress of one job. */
const PROGRESS_EVERY_MS = 250;
const RETENTION_EVERY_MS = 10 * 60_000;

export class JobRunner implements AsyncDisposable {
  readonly events = new EventEmitter<RunnerEvents>();
  /** This process, by a name that no other ever has. */
  readonly owner = `${hostname()
    .replace(/[^A-Za-z0-9.-]/g, '_')
    .slice(0, 64)}-${process.pid}-${randomBytes(6).toString('hex')}`;
  readonly #options: ResolvedRunnerOptions;
  readonly #attempts = new Map<string, Attempt>();
  readonly #running = new Set<Promise<void>>();
  readonly #ended = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #stopping: Promise<void> | null = null;
  #pausedUntilMs = 0;
  #forgetAtMs = 0;
  #isStoreOut = false;

  constructor(options: RunnerOptions) {
    this.#options = resolveRunnerOptions(options);
  }

  /** Attempts that run. */
  get active(): number {
    return this.#attempts.size;
  }

  /** Take up what an earlier process left, and then what comes. */
  start(): void {
    if (this.#timer !== undefined || this.#stopping !== null) return;
    this.#timer = setInterval(() => this.#tick(), this.#options.tickMs);
    this.#tick();
  }

  /** As `store.submit`, and the job starts at once if there is room. */
  submit(job: NewJob): Job {
    const submitted = this.#options.store.submit(job);
    this.events.emit('job', submitted);
    setImmediate(() => this.#claim());
    return submitted;
  }

  /** As `store.cancel`, and a running attempt is stopped at once. */
  cancel(id: string): Job {
    const job = this.#options.store.cancel(id);
    this.#attempts.get(id)?.stop('cancelled');
    this.events.emit('job', job);
    return job;
  }

  /** As `store.retry`. */
  retry(id: string): Job {
    const job = this.#options.store.retry(id);
    this.events.emit('job', job);
    setImmediate(() => this.#claim());
    return job;
  }

  /**
   * Claim nothing more, let attempts go on for `drainMs`, give the others back to the queue: what is finished of them is
   * kept, and the next process takes them at once. Idempotent, never throws.
   */
  stop({ drainMs = DRAIN_MS }: { readonly drainMs?: number } = {}): Promise<void> {
    this.#stopping ??= this.#stop(drainMs);
    return this.#stopping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #stop(drainMs: number): Promise<void> {
    const drained = new AbortController();
    const { signal } = drained;
    await Promise.race([
      Promise.allSettled(this.#running),
      delay(drainMs, undefined, { signal }).catch(() => {}), // cut short when all is done
    ]);
    drained.abort();
    for (const attempt of this.#attempts.values()) attempt.stop('shutdown');
    this.#ended.abort();
    await Promise.allSettled(this.#running);
    clearInterval(this.#timer);
  }

  #tick(): void {
    this.#guarded(() => {
      if (this.#isStoreOut) this.#storeBack();
      // First: after a standstill of this process its own leases look silent, although nobody took them.
      for (const attempt of this.#attempts.values()) this.#beat(attempt);
      for (const job of this.#options.store.expireLeases()) this.#expired(job);
    });
    this.#claim();
    this.#forget();
  }

  #beat(attempt: Attempt): void {
    const { job, token, progress } = attempt;
    if (!this.#options.store.heartbeat(job.id, token, progress, this.#options.leaseMs)) attempt.stop('lost');
  }

  #expired(job: Job): void {
    const { log } = this.#options;
    const level = job.state === 'failed' ? 'error' : 'warn';
    log({
      ...jobFacts(job),
      level,
      event: 'job-interrupted',
      message: `its process ended without a word; the job is ${job.state}`,
    });
    this.events.emit('job', job);
  }

  #claim(): void {
    const { store, concurrency, isReady, leaseMs } = this.#options;
    this.#guarded(() => {
      while (this.#timer !== undefined && this.#stopping === null && this.#attempts.size < concurrency) {
        if (this.#isStoreOut || performance.now() < this.#pausedUntilMs || !isReady()) return;
        const claimed = store.claim(this.owner, leaseMs);
        if (claimed === null) return;
        if (this.#attempts.has(claimed.job.id)) {
          // Its lease ran out while the store was away; the attempt that has it here ends first.
          this.#attempts.get(claimed.job.id)?.stop('lost');
          store.release(claimed.job.id, claimed.token);
          return;
        }
        this.#begin(claimed);
      }
    });
  }

  #begin(claimed: Claimed): void {
    const { log } = this.#options;
    const { job } = claimed;
    log({ ...jobFacts(job), level: 'info', event: 'job-started', message: `attempt ${job.attempt} starts` });
    const attempt = new Attempt(claimed, { ...this.#options, onProgress: this.#progressTeller() });
    this.#attempts.set(job.id, attempt);
    this.events.emit('job', job);
    const run = this.#see(attempt).finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  /** Follow an attempt to its end, and the end into the store. */
  async #see(attempt: Attempt): Promise<void> {
    const end = await attempt.end;
    const settled = await this.#settled(attempt, end);
    this.#attempts.delete(attempt.job.id);
    if (settled !== null) {
      if (settled.isOutage) this.#pausedUntilMs = performance.now() + OUTAGE_PAUSE_MS;
      this.#options.log(settled.entry);
    }
    this.#guarded(() => {
      const job = this.#options.store.get(attempt.job.id);
      if (job !== null) this.events.emit('job', job);
    });
    this.#claim();
  }

  /** Until the store takes it; null when this process ends before: the next one does the work again or finds it done. */
  async #settled(attempt: Attempt, end: AttemptEnd): Promise<Settled | null> {
    for (;;) {
      try {
        return await settle(attempt, end, this.#options);
      } catch (error) {
        this.#storeFailed(error);
      }
      if (this.#ended.signal.aborted) return null;
      await delay(this.#options.tickMs, undefined, { signal: this.#ended.signal }).catch(() => {}); // then one last try
    }
  }

  #progressTeller(): (attempt: Attempt) => void {
    let toldAtMs = Number.NEGATIVE_INFINITY;
    return (attempt) => {
      const nowMs = performance.now();
      if (nowMs - toldAtMs < PROGRESS_EVERY_MS) return;
      toldAtMs = nowMs;
      this.events.emit('job', attempt.jobNow);
    };
  }

  #forget(): void {
    const { retention, store, out, log } = this.#options;
    if (retention === null || performance.now() < this.#forgetAtMs) return;
    this.#forgetAtMs = performance.now() + RETENTION_EVERY_MS;
    this.#guarded(() => {
      const { jobs, directories } = store.prune(retention);
      if (jobs.length >= FORGET_AT_ONCE) this.#forgetAtMs = 0; // there may be more
      if (jobs.length > 0) this.events.emit('forgotten', jobs);
      if (out === null) return;
      removeResults(out, directories).catch((error: Error) => {
        log({ level: 'warn', event: 'retention', message: `results could not be removed: ${error.message}` });
      });
    });
  }

  /** The store may be away for a while: then the next tick looks again. */
  #guarded(task: () => void): void {
    try {
      task();
    } catch (error) {
      this.#storeFailed(error);
    }
  }

  #storeBack(): void {
    this.#options.store.check();
    this.#isStoreOut = false;
    this.#options.log({ level: 'info', event: 'store-back', message: 'the job store works again' });
  }

  #storeFailed(error: unknown): void {
    if (!(error instanceof JobError)) throw error;
    if (this.#isStoreOut) return;
    this.#isStoreOut = true;
    this.#options.log({ level: 'error', event: 'store-out', message: error.message, code: error.code });
  }
}
