/** Several supervised daemons behind one `estimate`. */
import { EventEmitter } from 'node:events';
import { availableParallelism } from 'node:os';
import { onAbort } from '../abort.ts';
import { SYSTEM_CLOCK } from '../clock.ts';
import { AbortedError, PoseError } from '../errors.ts';
import { checkEstimateOptions, type EstimateOptions } from '../estimate-options.ts';
import { estimateWork } from '../estimate-work.ts';
import type { ImageInput } from '../image.ts';
import type { PoolOptions, ResolvedOptions } from '../options.ts';
import { launch } from '../process/launch.ts';
import { resolveOptions } from '../resolve-options.ts';
import type { PoseResult } from '../result.ts';
import { type PoolStatus, poolStatus } from '../status.ts';
import { Assemblers } from '../video/assemblers.ts';
import type { VideoFrame } from '../video/frames.ts';
import type { VideoHost } from '../video/run.ts';
import type { VideoOptions } from '../video/video-options.ts';
import { processVideo, type VideoOutcome, videoFrames } from '../video/videos.ts';
import { toAnswered } from './answered.ts';
import { Dispatcher, type Tracer } from './dispatcher.ts';
import type { PoolEvents } from './events.ts';
import { effectiveOptions } from './log.ts';
import { openSingle } from './single.ts';
import { type StreamOptions, type StreamResult, stream } from './stream.ts';
import { Supervisor } from './supervisor.ts';
import { Trace } from './trace.ts';
import { PoolWorker } from './worker.ts';

/**
 * A pool of daemons that are started, watched, restarted and replaced. Each call goes to the least loaded one, waits in
 * a bounded queue meanwhile, and goes to another when its daemon is lost. Every call settles exactly once.
 */
export class PosePool extends EventEmitter<PoolEvents> implements AsyncDisposable {
  readonly #options: ResolvedOptions;
  readonly #dispatcher: Dispatcher;
  readonly #supervisor: Supervisor;
  #closing: Promise<void> | null = null;
  #keepsHostAwake = true;
  #trace: Trace | null = null;
  /** Has anybody listened to `answered`? */
  #isWatched = false;
  readonly #assemblers: Assemblers;

  private constructor(options: ResolvedOptions) {
    super();
    const { log } = options;
    this.#options = options;
    this.#assemblers = new Assemblers(() => openSingle(options));
    this.#dispatcher = new Dispatcher({
      maxQueue: options.maxQueue,
      retry: options.retry,
      onRetry: (error, attempts) => {
        log({ level: 'warn', event: 'retry', message: error.message, code: error.code, attempts });
        this.emit('retry', { error, attempts });
      },
      onPoison: (error) => {
        log({ level: 'error', event: 'quarantine', message: error.message, code: error.code });
        this.emit('quarantine', error);
      },
      onDrain: () => this.emit('drain'),
    });
    this.#supervisor = new Supervisor({
      size: options.size,
      spawnIntervalMs: options.spawnIntervalMs,
      worker: options,
      canary: options.canary,
      clock: SYSTEM_CLOCK,
      random: Math.random,
      launch: async (hooks) => {
        const daemon = await launch({ ...options, ...hooks });
        daemon.child.keepsHostAwake(this.#keepsHostAwake);
        return daemon;
      },
      dispatcher: this.#dispatcher,
      events: this,
      log,
    });
    (this as EventEmitter).on('newListener', (name) => {
      if (name !== 'answered' || this.#isWatched) return;
      this.#isWatched = true;
      this.#timeCalls();
    });
    for (const message of options.deprecations) process.emitWarning(message, 'DeprecationWarning');
    log({ level: 'info', event: 'start', message: 'the pool starts', ...effectiveOptions(options) });
    this.#supervisor.start();
  }

  /**
   * Start all daemons and resolve when the first one is ready; the others join as they become ready. Throws the first
   * failure when none does; then no process is left.
   */
  static async start(options: PoolOptions = {}): Promise<PosePool> {
    const pool = PosePool.create(options);
    try {
      await pool.#firstReady();
    } catch (error) {
      await pool.close();
      throw error;
    }
    return pool;
  }

  /**
   * Start all daemons and return at once. Calls wait until one is ready; when none can be started they are rejected with
   * the cause, and the pool goes on trying.
   */
  static create(options: PoolOptions = {}): PosePool {
    return new PosePool(resolveOptions(options));
  }

  /** Find the people in one image. Settles exactly once; rejects with PoseError. */
  async estimate(image: ImageInput, options: EstimateOptions = {}): Promise<PoseResult> {
    checkEstimateOptions(options);
    const { signal, deadlineMs = this.#options.deadlineMs, trace } = options;
    return this.#dispatcher.submit({ work: estimateWork(image, options), deadlineMs, signal, trace });
  }

  /**
   * Find the people in each image of a source that does not wait, such as a camera. `latest` keeps to the newest image
   * and drops what it overtakes; `block` takes the next image only when there is room for it.
   */
  stream(
    source: AsyncIterable<ImageInput> | Iterable<ImageInput>,
    options: StreamOptions = {},
  ): AsyncGenerator<StreamResult> {
    return stream(
      source,
      (image, settings) => this.estimate(image, settings),
      // Prefetched images age while they wait, so the newest one is asked for when a daemon is idle.
      (policy) => (policy === 'latest' ? this.#supervisor.workers.size : this.#supervisor.capacity),
      options,
    );
  }

  /**
   * The frames of a video, one after another, each with its people: linked, filled and cleaned. They come as soon as they
   * are final; whoever takes them slowly slows the work down. Leaving the loop ends it; what is finished is kept.
   *
   *     for await (const { timeS, persons } of pool.video('ride.mp4')) …
   */
  video(path: string, options: VideoOptions = {}): AsyncGenerator<VideoFrame> {
    return videoFrames(this.#videoHost, path, options);
  }

  /** Work on a video with the whole pool and write its result directory: poses.jsonl, summary.json, overlay.mp4. */
  processVideo(path: string, options: VideoOptions = {}): Promise<VideoOutcome> {
    return processVideo(this.#videoHost, path, options);
  }

  /** Resolves when the queue has room for a call: await it before each of very many. */
  ready(): Promise<void> {
    return this.#dispatcher.room();
  }

  status(): PoolStatus {
    return poolStatus(this.#options.size, this.#supervisor, this.#dispatcher, this.#closing !== null);
  }

  /**
   * Write every request's way through both processes to a file for Perfetto (ui.perfetto.dev), until it is closed. One
   * trace at a time; a new one ends the one before.
   */
  trace(file: string): Trace {
    const trace = new Trace(file, () => {
      if (this.#trace === trace) this.#setTrace(null);
    });
    void this.#trace?.close();
    this.#setTrace(trace);
    return trace;
  }

  /** The cause of an outage was mended: start daemons again now, and forget which inputs were poison. */
  reset(): void {
    if (this.#closing === null) this.#supervisor.reset();
  }

  /** Let the host exit although the pool is open; its daemons then end by themselves. */
  unref(): this {
    return this.#keepHostAwake(false);
  }

  ref(): this {
    return this.#keepHostAwake(true);
  }

  /** Let running work finish, reject what waits, end every process. Idempotent, never throws, bounded in time. */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #videoHost(): VideoHost {
    const supervisor = this.#supervisor;
    return {
      hasIdleCores: this.#options.size < availableParallelism(),
      submit: (settings) => this.#dispatcher.submit(settings),
      get capacity() {
        return supervisor.capacity;
      },
      openAssembler: () => this.#assemblers.take(),
    };
  }

  async #closeAll(): Promise<void> {
    this.#dispatcher.refuse(new PoseError('POOL_CLOSED', 'the pool was closed'));
    await Promise.all([this.#supervisor.close(), this.#assemblers.close()]);
    await this.#trace?.close().catch(() => {}); // whoever opened it hears of a full disk from its own close()
  }

  #setTrace(trace: Trace | null): void {
    this.#trace = trace;
    this.#timeCalls();
    if (trace === null) return;
    for (const { daemon } of this.#supervisor.workers) daemon.ping(); // aligns the clocks
  }

  /** Calls are timed while somebody looks at it. */
  #timeCalls(): void {
    const tracer: Tracer = (call, worker, timeline, ok) => {
      this.emit('answered', toAnswered(call, timeline, ok));
      if (this.#trace === null || !(worker instanceof PoolWorker)) return;
      const { enteredAtMs, work, history } = call;
      const { clock } = worker.daemon;
      this.#trace.add({ op: work.op, attempt: history.dispatches, enteredAtMs, ok, timeline, clock });
    };
    this.#dispatcher.tracer = this.#trace !== null || this.#isWatched ? tracer : null;
  }

  #keepHostAwake(awake: boolean): this {
    this.#keepsHostAwake = awake;
    for (const { daemon } of this.#supervisor.workers) daemon.child.keepsHostAwake(awake);
    return this;
  }

  async #firstReady(): Promise<void> {
    const { signal } = this.#options;
    if (signal === undefined) return this.#supervisor.firstReady;
    const { promise, reject } = Promise.withResolvers<never>();
    const leave = onAbort(signal, (reason) => reject(new AbortedError(reason)));
    if (signal.aborted) reject(new AbortedError(signal.reason));
    try {
      await Promise.race([this.#supervisor.firstReady, promise]);
    } finally {
      leave();
    }
  }
}
