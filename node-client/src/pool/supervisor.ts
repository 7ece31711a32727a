/** Keeps the pool's daemons alive: starts them, replaces them, and stops when starting cannot help. */
import type { EventEmitter } from 'node:events';
import type { Clock } from '../clock.ts';
import { PoseError } from '../errors.ts';
import { threadWarning } from '../process/spawning-thread.ts';
import { Admission, availableMemory, type MemoryNeeds } from './admission.ts';
import { Breaker, poolUnavailable } from './breaker.ts';
import { Canary, type CanarySettings } from './canary.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { PoolEvents, PoolLogger } from './events.ts';
import { GpuMemory } from './gpu-memory.ts';
import type { Transition } from './life.ts';
import { logTransition } from './log.ts';
import { MemoryPressure } from './memory-pressure.ts';
import { type Launcher, Slot, type SlotHost } from './slot.ts';
import type { PoolWorker, WorkerSettings } from './worker.ts';

export interface SupervisorOptions {
  readonly size: number;
  readonly spawnIntervalMs: number;
  readonly worker: WorkerSettings;
  readonly clock: Clock;
  readonly random: () => number;
  readonly launch: Launcher;
  readonly dispatcher: Dispatcher;
  readonly events: EventEmitter<PoolEvents>;
  readonly log: PoolLogger;
  /** Null: no canary. */
  readonly canary: CanarySettings | null;
  /** Bytes; a test may fake it. */
  readonly availableMemory?: () => number;
  /** Of the device a daemon named; a test may fake it. */
  readonly freeGpuBytes?: (device: string) => Promise<number | null>;
}

export class Supervisor {
  readonly slots: readonly Slot[];
  readonly breaker: Breaker;
  /** Resolves with the first READY; rejects when every slot's first start failed. */
  readonly firstReady: Promise<void>;
  lastFailure: PoseError | null = null;
  readonly #options: SupervisorOptions;
  readonly #admission: Admission;
  readonly #pressure: MemoryPressure;
  readonly #gpu: GpuMemory;
  readonly #canary: Canary | null;
  readonly #first = Promise.withResolvers<void>();
  readonly #workers = new Set<PoolWorker>();
  /** First failure of each slot. */
  readonly #firstFailures = new Map<Slot, PoseError>();
  #peakBytes = 0;
  /** Of those that start: in line, without a process yet. */
  #waitingToStart = 0;
  #deaths = 0;
  #leaked = 0;
  #closing: Promise<void> | null = null;

  constructor(options: SupervisorOptions) {
    const { size, clock, spawnIntervalMs, events, log } = options;
    this.#options = options;
    this.#gpu = new GpuMemory(options.freeGpuBytes);
    this.firstReady = this.#first.promise;
    this.firstReady.catch(() => {});
    this.breaker = new Breaker(clock, (change) => {
      const message = change.cause?.message ?? 'daemons may start again';
      log({ level: change.to === 'closed' ? 'info' : 'warn', event: 'breaker', ...change, message });
      this.#onBreaker(change.cause);
      events.emit('breaker', change);
    });
    this.#pressure = new MemoryPressure(size, clock, (change) => {
      log({ level: 'warn', event: 'concurrency', message: change.cause, from: change.from, to: change.to });
      events.emit('concurrency', change);
    });
    this.#admission = new Admission({
      clock,
      spawnIntervalMs,
      needs: () => this.#memoryNeeds(),
      onShort: (needs) => this.#pressure.held(needs, this.#workers.size),
    });
    this.#canary = options.canary === null ? null : new Canary(options.canary, clock, log);
    const host = this.#slotHost();
    this.slots = Array.from({ length: size }, (_, index) => new Slot(index, host));
  }

  /** Workers that take requests. */
  get workers(): ReadonlySet<PoolWorker> {
    return this.#workers;
  }

  /** Requests that all workers together take at once. */
  get capacity(): number {
    let sum = 0;
    for (const { daemon } of this.#workers) sum += daemon.ready.credits.requests;
    return sum;
  }

  /** Daemons that ended of themselves. */
  get deaths(): number {
    return this.#deaths;
  }

  /** Processes that did not end when they were killed. */
  get leaked(): number {
    return this.#leaked;
  }

  /** Processes that have not said READY. */
  get starting(): number {
    return this.slots.reduce((sum, { starting }) => sum + starting, 0);
  }

  start(): void {
    const warning = threadWarning();
    if (warning !== null) this.#options.log({ level: 'warn', event: 'thread', message: warning });
    for (const slot of this.slots) slot.start('the pool starts');
  }

  /** The cause was mended: close the breaker, forget poison, start what is down. */
  reset(): void {
    this.breaker.reset();
    if (this.#closing === null) this.#options.dispatcher.refuse(null);
    this.#options.dispatcher.pardon();
    for (const slot of this.slots) slot.wake('pool.reset() was called');
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    this.breaker.stop();
    this.#admission.stop();
    await Promise.all(this.slots.map((slot) => slot.close()));
  }

  #slotHost(): SlotHost {
    const { clock, random, launch, worker, dispatcher } = this.#options;
    return {
      clock,
      random,
      launch,
      worker,
      admit: (go, slot) => this.#admit(go, slot),
      whyNotStart: () => this.#whyNotStart(),
      onTransition: (transition) => this.#onTransition(transition),
      onReady: (slot, one) => this.#onReady(slot, one),
      onLeft: (_, one) => {
        this.#workers.delete(one);
        dispatcher.remove(one);
        this.#remember(one);
        this.#refuseIfDown();
      },
      onFree: () => dispatcher.dispatch(),
      onAnswered: () => this.breaker.answered(),
      onStartFailed: (slot, error) => this.#onStartFailed(slot, error),
      onDied: (_, one, error) => {
        this.#deaths += 1;
        this.lastFailure = error;
        if (one.answered === 0) this.breaker.failed(error);
      },
      onLeaked: ({ life }) => this.#onLeaked(life.pid),
      memoryPauseMs: ({ worker: own }, cause) => {
        const others = [...this.#workers].filter((other) => other !== own);
        return this.#pressure.pauseMs(cause, others.length);
      },
      othersOf: (one) => [...this.#workers].filter((other) => other !== one),
    };
  }

  #memoryNeeds(): readonly MemoryNeeds[] {
    const starting = this.starting - this.#waitingToStart;
    const availableBytes = (this.#options.availableMemory ?? availableMemory)();
    const main: MemoryNeeds = { of: 'memory', availableBytes, peakBytes: this.#peakBytes, starting };
    const gpu = this.#gpu.needs(starting);
    return gpu === null ? [main] : [main, gpu];
  }

  #remember(worker: PoolWorker): void {
    this.#peakBytes = Math.max(this.#peakBytes, worker.peakRssBytes);
    this.#gpu.remember(worker.daemon.ready.device, worker.peakGpuBytes);
  }

  #whyNotStart(): PoseError | null {
    if (this.#closing !== null) return new PoseError('POOL_CLOSED', 'the pool was closed');
    return this.breaker.state === 'open' ? this.breaker.cause : null;
  }

  #onLeaked(pid: number | null): void {
    this.#leaked += 1;
    const message = `process ${pid} does not end although it was killed; look at its disks and drivers`;
    this.#options.log({ level: 'error', event: 'leak', message, pid });
  }

  #admit(go: () => void, slot: Slot): void {
    this.#waitingToStart += 1;
    const join = () =>
      this.#admission.join(
        () => {
          this.#waitingToStart -= 1;
          go();
        },
        // One daemon is better than none, however little memory there is.
        () => this.#workers.size > 0 || this.starting > this.#waitingToStart || slot.worker !== null,
      );
    for (const { daemon, peakGpuBytes } of this.#workers)
      this.#gpu.remember(daemon.ready.device, peakGpuBytes);
    if (this.#gpu.isUsed) void this.#gpu.look().then(join);
    else join();
  }

  #onTransition(transition: Transition): void {
    logTransition(transition, this.#options.log);
    this.#options.events.emit('transition', transition);
  }

  #onReady(slot: Slot, worker: PoolWorker): void {
    const { dispatcher, events } = this.#options;
    this.breaker.ready();
    const wasEmpty = this.#workers.size === 0;
    this.#workers.add(worker);
    this.#remember(worker);
    // Not workers: one that is being replaced counts until its successor has taken over.
    this.#pressure.inUse(this.slots.filter((one) => one.worker !== null).length);
    this.#first.resolve();
    if (wasEmpty && this.#closing === null) {
      dispatcher.refuse(null);
      events.emit('ready');
    }
    dispatcher.add(worker);
    this.#canary?.watch(worker, (why) => slot.eject(worker, why));
    // One probe has shown that starting helps again.
    for (const other of this.slots)
      if (other.life?.state === 'broken') other.wake('another daemon became ready');
  }

  #onStartFailed(slot: Slot, error: PoseError): void {
    this.lastFailure = error;
    if (!this.#firstFailures.has(slot)) this.#firstFailures.set(slot, error);
    this.breaker.failed(error);
    if (this.#firstFailures.size === this.#options.size)
      this.#first.reject([...this.#firstFailures.values()][0]);
  }

  #onBreaker(cause: PoseError | null): void {
    if (this.#closing !== null) return;
    if (this.breaker.state === 'half-open') {
      this.slots.find(({ life }) => life?.state === 'broken')?.wake('the breaker lets one daemon try');
      return;
    }
    if (this.breaker.state === 'closed' || cause === null) return;
    for (const slot of this.slots) slot.breakDown(cause);
    this.#refuseIfDown();
  }

  /** Nobody is there, and nobody will start: whoever waits shall know why, now. */
  #refuseIfDown(): void {
    if (this.#closing !== null || this.breaker.state !== 'open' || this.#workers.size > 0) return;
    this.#options.dispatcher.refuse(poolUnavailable(this.breaker.cause));
  }
}
