/** A whole pool without processes, on a clock that the test moves: supervisor, dispatcher and daemons are the real ones. */
import { EventEmitter } from 'node:events';
import { AbortedError, PoseError, StartError, type StartPhase } from '../../../src/errors.ts';
import type { CanarySettings } from '../../../src/pool/canary.ts';
import { Dispatcher } from '../../../src/pool/dispatcher.ts';
import type { PoolEvents, PoolLogEntry } from '../../../src/pool/events.ts';
import type { Transition } from '../../../src/pool/life.ts';
import type { RecycleLimits } from '../../../src/pool/recycling.ts';
import type { RetryPolicy } from '../../../src/pool/retry.ts';
import type { Launcher } from '../../../src/pool/slot.ts';
import { Supervisor } from '../../../src/pool/supervisor.ts';
import type { WorkerSettings } from '../../../src/pool/worker.ts';
import type { Work } from '../../../src/process/work.ts';
import { type DeadlineClock, FakeClock } from '../../../src/testing/index.ts';
import type { ReadyMessage } from '../../../src/wire/generated/messages.ts';
import { ScriptedDaemon } from './scripted-daemon.ts';

const FOR_EVER = Number.POSITIVE_INFINITY;

export const NO_RECYCLING: RecycleLimits = {
  afterRequests: FOR_EVER,
  afterMs: FOR_EVER,
  maxRssBytes: FOR_EVER,
};

export interface RigOptions {
  readonly size?: number;
  readonly spawnIntervalMs?: number;
  readonly worker?: Partial<WorkerSettings>;
  readonly retry?: RetryPolicy;
  readonly maxQueue?: number;
  readonly drainMs?: number;
  readonly cancelGraceMs?: number;
  readonly ready?: Partial<ReadyMessage>;
  /** Daemons become ready by themselves. Default: true. */
  readonly auto?: boolean;
  readonly random?: () => number;
  readonly availableMemory?: () => number;
  /** Of the device a daemon named. Default: a machine without a GPU. */
  readonly freeGpuBytes?: (device: string) => Promise<number | null>;
  readonly canary?: CanarySettings;
  /** Deadlines pass when the test calls `expire`, and never by themselves. */
  readonly deadlinesByHand?: boolean;
  /** Instead of the real one, to see a defect found. */
  readonly dispatcher?: typeof Dispatcher;
}

/** A start that the pool asked for. */
export interface Start {
  readonly atMs: number;
  readonly signal: AbortSignal;
  enter(phase: StartPhase): void;
  /** READY. */
  succeed(ready?: Partial<ReadyMessage>): ScriptedDaemon;
  fail(error?: PoseError): void;
  isOpen: boolean;
}

/** One call and what became of it. */
export interface Tracked {
  readonly index: number;
  readonly controller: AbortController;
  readonly bytes: number;
  /** Its deadline passes; only with `deadlinesByHand`. */
  expire(): void;
  outcome: { readonly value: number } | { readonly error: PoseError } | null;
}

export class Rig {
  readonly clock = new FakeClock();
  readonly events = new EventEmitter<PoolEvents>();
  readonly transitions: Transition[] = [];
  readonly log: PoolLogEntry[] = [];
  readonly starts: Start[] = [];
  readonly daemons: ScriptedDaemon[] = [];
  readonly calls: Tracked[] = [];
  readonly retried: PoseError[] = [];
  readonly poison: PoseError[] = [];
  drains = 0;
  readonly dispatcher: Dispatcher;
  readonly supervisor: Supervisor;
  /** New starts become ready by themselves. */
  auto: boolean;
  readonly #options: RigOptions;
  /** Of the call that was submitted last. */
  #expire: () => void = () => {};

  constructor(options: RigOptions = {}) {
    const { size = 2, spawnIntervalMs = 50, worker, maxQueue = 1_000, auto = true } = options;
    this.#options = options;
    this.auto = auto;
    this.events.on('transition', (step) => this.transitions.push(step));
    this.dispatcher = new (options.dispatcher ?? Dispatcher)({
      maxQueue,
      clock: options.deadlinesByHand ? this.#clockByHand() : this.clock,
      retry: options.retry ?? { maxAttempts: 2, quarantineAfter: 2 },
      onRetry: (error) => this.retried.push(error),
      onPoison: (error) => this.poison.push(error),
      onDrain: () => {
        this.drains += 1;
      },
    });
    this.supervisor = new Supervisor({
      size,
      spawnIntervalMs,
      worker: {
        heartbeatMs: 2_000,
        stallTimeoutMs: 60_000,
        recycle: NO_RECYCLING,
        ...worker,
      },
      clock: this.clock,
      random: options.random ?? (() => 0.5),
      launch: (hooks) => this.#launch(hooks),
      dispatcher: this.dispatcher,
      events: this.events,
      log: (entry) => this.log.push(entry),
      canary: options.canary ?? null,
      availableMemory: options.availableMemory ?? (() => 64e9),
      freeGpuBytes: options.freeGpuBytes ?? (async () => null),
    });
  }

  /** Started, and as many daemons ready as there are slots. */
  static async ready(options: RigOptions = {}): Promise<Rig> {
    const rig = new Rig(options);
    rig.supervisor.start();
    await rig.clock.pass(((options.size ?? 2) - 1) * (options.spawnIntervalMs ?? 50));
    return rig;
  }

  /** The daemon that now serves in this slot. */
  at(slot: number): ScriptedDaemon {
    const daemon = this.supervisor.slots[slot]?.worker?.daemon;
    const found = this.daemons.find((one) => one.daemon === daemon);
    if (found === undefined) throw new Error(`nobody serves in slot ${slot}`);
    return found;
  }

  /** What this event tells from now on. */
  listen<Name extends keyof PoolEvents>(name: Name): readonly unknown[] {
    const heard: unknown[] = [];
    this.events.on(name as 'ready', (...told: unknown[]) => heard.push(told[0]));
    return heard;
  }

  /** The latest start. */
  get start(): Start {
    return this.starts.at(-1) as Start;
  }

  /** States of the slots. */
  get states(): readonly (string | undefined)[] {
    return this.supervisor.slots.map(({ life }) => life?.state);
  }

  /** Submit a call; its params and its answer bear its index. */
  call({ deadlineMs = 30_000, bytes = 1 }: { deadlineMs?: number; bytes?: number } = {}): Tracked {
    const index = this.calls.length;
    const controller = new AbortController();
    const call: Tracked = { index, controller, bytes, expire: () => {}, outcome: null };
    this.calls.push(call);
    const work: Work<number> = {
      op: 'estimate',
      params: { call: index } as Work<number>['params'],
      body: new Uint8Array(bytes),
      read: ({ width }) => Number(width),
    };
    this.#expire = () => {};
    const submitted = this.dispatcher.submit({ work, deadlineMs, signal: controller.signal });
    call.expire = this.#expire;
    submitted.then(
      (value) => settle(call, { value }),
      (error: PoseError) => settle(call, { error }),
    );
    return call;
  }

  /** Promises settle; no time passes. */
  settle(): Promise<void> {
    return this.clock.pass(0);
  }

  /** Code or answer of each call; null while it is open. */
  get outcomes(): readonly (string | number | null)[] {
    return this.calls.map(({ outcome }) => {
      if (outcome === null) return null;
      return 'value' in outcome ? outcome.value : outcome.error.code;
    });
  }

  /** Refuse new work and close, as a pool does. */
  close(): Promise<void> {
    this.dispatcher.refuse(new PoseError('POOL_CLOSED', 'the pool was closed'));
    return this.supervisor.close();
  }

  #clockByHand(): DeadlineClock {
    return {
      nowMs: () => this.clock.nowMs(),
      deadline: (_, task) => {
        this.#expire = task;
        return () => {};
      },
    };
  }

  #launch({ signal, onPhase }: Parameters<Launcher>[0]): ReturnType<Launcher> {
    const { promise, resolve, reject } = Promise.withResolvers<ScriptedDaemon['daemon']>();
    const pid = 1_000 + this.starts.length;
    const { drainMs = 10_000, cancelGraceMs = 2_000, ready } = this.#options;
    let greeted = false;
    const greet = () => {
      if (!greeted) onPhase('hello', pid);
      greeted = true;
    };
    const start: Start = {
      atMs: this.clock.nowMs(),
      signal,
      isOpen: true,
      enter: (phase) => {
        greet();
        onPhase(phase, pid);
      },
      succeed: (overrides) => {
        start.isOpen = false;
        const one = new ScriptedDaemon(
          pid,
          this.clock,
          { drainMs, cancelGraceMs },
          { ...ready, ...overrides },
        );
        this.daemons.push(one);
        greet();
        resolve(one.daemon);
        return one;
      },
      fail: (error = startFailure()) => {
        start.isOpen = false;
        reject(error);
      },
    };
    this.starts.push(start);
    signal.addEventListener('abort', () => start.isOpen && start.fail(new AbortedError(signal.reason)));
    if (this.auto) start.succeed();
    return promise;
  }
}

export function startFailure(code = 'START_FAILED'): StartError {
  return new StartError(code, 'the daemon was told not to start', { phase: 'importing' });
}

function settle(call: Tracked, outcome: NonNullable<Tracked['outcome']>): void {
  if (call.outcome !== null) throw new Error(`call ${call.index} settled twice`);
  call.outcome = outcome;
}
