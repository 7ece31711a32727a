/** Several daemons behind one `estimate`. */
import { PoseError } from '../errors.ts';
import { type ImageInput, toRequestImage } from '../image.ts';
import {
  checkEstimateOptions,
  type EstimateOptions,
  type PoolOptions,
  type ResolvedOptions,
  resolveOptions,
} from '../options.ts';
import type { Daemon } from '../process/daemon.ts';
import { launch } from '../process/launch.ts';
import type { PoseResult } from '../result.ts';
import { type PoolStatus, workerStatus } from '../status.ts';
import { Dispatcher } from './dispatcher.ts';

/**
 * A pool of daemons with plain dispatch: each call goes to the least loaded daemon, the rest wait in a bounded queue.
 * A daemon that ends is not replaced; the pool goes on with the others.
 */
export class PosePool implements AsyncDisposable {
  readonly #options: ResolvedOptions;
  readonly #dispatcher: Dispatcher;
  readonly #daemons = new Set<Daemon>();
  readonly #giveUpStarts = new AbortController();
  readonly #starts: Promise<void>[] = [];
  #starting = 0;
  #lastFailure: PoseError | null = null;
  #closing: Promise<void> | null = null;

  private constructor(options: ResolvedOptions) {
    this.#options = options;
    this.#dispatcher = new Dispatcher(options.maxQueue);
  }

  /**
   * Start all daemons and resolve when the first one is ready; the others join as they become ready. Throws the first
   * failure when none does; then no process is left.
   */
  static async start(options: PoolOptions = {}): Promise<PosePool> {
    const pool = new PosePool(resolveOptions(options));
    await pool.#startAll();
    return pool;
  }

  /** Find the people in one image. Settles exactly once; rejects with PoseError. */
  async estimate(image: ImageInput, options: EstimateOptions = {}): Promise<PoseResult> {
    checkEstimateOptions(options);
    const { params, body } = toRequestImage(image, options.minScore);
    const { signal, deadlineMs = this.#options.deadlineMs } = options;
    return this.#dispatcher.submit({ params, body, deadlineMs, signal });
  }

  status(): PoolStatus {
    const { queued, answered, failed } = this.#dispatcher;
    const workers = [...this.#daemons].map(workerStatus);
    return {
      size: this.#options.size,
      starting: this.#starting,
      workers,
      queued,
      inFlight: workers.reduce((sum, { inFlight }) => sum + inFlight, 0),
      answered,
      failed,
      lastFailure: this.#lastFailure,
      closed: this.#closing !== null,
    };
  }

  /** Let running work finish, reject what waits, end every process. Idempotent, never throws, bounded in time. */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #startAll(): Promise<void> {
    const { size, signal } = this.#options;
    const signals = [this.#giveUpStarts.signal, ...(signal === undefined ? [] : [signal])];
    const options = { ...this.#options, signal: AbortSignal.any(signals) };
    this.#starting = size;
    const launches = Array.from({ length: size }, () => launch(options));
    for (const started of launches) this.#starts.push(this.#join(started));
    await Promise.any(launches).catch(async ({ errors }: AggregateError) => {
      await Promise.all(this.#starts);
      throw errors[0];
    });
  }

  async #join(started: Promise<Daemon>): Promise<void> {
    try {
      const daemon = await started;
      this.#daemons.add(daemon);
      this.#dispatcher.add(daemon);
      void daemon.ended.then((error) => this.#leave(daemon, error));
    } catch (error) {
      if (!(error instanceof PoseError)) throw error;
      this.#lastFailure = error;
    } finally {
      this.#starting -= 1;
    }
    this.#refuseIfEmpty();
  }

  #leave(daemon: Daemon, error: PoseError | null): void {
    this.#daemons.delete(daemon);
    this.#dispatcher.remove(daemon);
    if (error !== null) this.#lastFailure = error;
    this.#refuseIfEmpty();
  }

  #refuseIfEmpty(): void {
    if (this.#daemons.size > 0 || this.#starting > 0 || this.#closing !== null) return;
    const cause = this.#lastFailure;
    const sentence = `no daemon is left${cause === null ? '' : `; the last one: ${cause.message}`}`;
    this.#dispatcher.refuse(
      new PoseError('POOL_UNAVAILABLE', sentence, { cause, hint: 'Mend the cause and start a new pool.' }),
    );
  }

  async #closeAll(): Promise<void> {
    this.#dispatcher.refuse(new PoseError('POOL_CLOSED', 'the pool was closed'));
    this.#giveUpStarts.abort();
    await Promise.all(this.#starts);
    await Promise.all([...this.#daemons].map((daemon) => daemon.close()));
  }
}
