/** One place in the pool: a worker, the pause after it, its successor. */

import type { Clock, Timer } from '../clock.ts';
import { AbortedError, PoseError, StartError, type StartPhase } from '../errors.ts';
import { backoffMs } from './backoff.ts';
import { Life, type Transition } from './life.ts';
import { type DaemonLike, PoolWorker, type WorkerHost, type WorkerSettings } from './worker.ts';

export type Launcher = (hooks: {
  readonly signal: AbortSignal;
  readonly onPhase: (phase: StartPhase, pid: number) => void;
}) => Promise<DaemonLike>;

/** What a slot needs of the pool. */
export interface SlotHost {
  readonly clock: Clock;
  readonly random: () => number;
  readonly launch: Launcher;
  readonly worker: WorkerSettings;
  /** Call `go` when a daemon may start. */
  admit(go: () => void, slot: Slot): void;
  /** Why no daemon may start; null when one may. */
  whyNotStart(): PoseError | null;
  onTransition(transition: Transition): void;
  onReady(slot: Slot, worker: PoolWorker): void;
  /** It takes no more work. */
  onLeft(slot: Slot, worker: PoolWorker): void;
  onFree(): void;
  onAnswered(slot: Slot): void;
  onStartFailed(slot: Slot, error: PoseError): void;
  onDied(slot: Slot, worker: PoolWorker, error: PoseError): void;
  /** Its process did not end when it was killed. */
  onLeaked(worker: PoolWorker): void;
  /** Milliseconds to leave a slot empty after its daemon ran out of memory; null: as after any other end. */
  memoryPauseMs(slot: Slot, cause: PoseError): number | null;
  othersOf(worker: PoolWorker): Iterable<PoolWorker>;
}

export class Slot {
  readonly index: number;
  readonly #host: SlotHost;
  readonly #giveUp = new AbortController();
  readonly #endings = new Set<Promise<unknown>>();
  /** Replaced, and still at work. */
  readonly #leaving = new Set<PoolWorker>();
  #life: Life | null = null;
  #worker: PoolWorker | null = null;
  #successor: Life | null = null;
  #pause: Timer | null = null;
  #failuresInARow = 0;
  #restarts = 0;
  #closed = false;
  #starting = 0;

  constructor(index: number, host: SlotHost) {
    this.index = index;
    this.#host = host;
  }

  get life(): Life | null {
    return this.#life;
  }

  get worker(): PoolWorker | null {
    return this.#worker;
  }

  /** Processes that have not said READY. */
  get starting(): number {
    return this.#starting;
  }

  /** Processes started after the first. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Start the first daemon, or the next one after `backoff` or `broken`. */
  start(cause: string): void {
    if (this.#closed) return;
    this.#pause?.cancel();
    this.#pause = null;
    if (this.#life === null)
      this.#life = new Life(this.index, cause, (step) => this.#host.onTransition(step));
    else {
      this.#life.to('spawning', cause);
      this.#restarts += 1;
    }
    this.#launch(this.#life);
  }

  /** Start again without waiting, if it waits. */
  wake(cause: string): void {
    if (this.#life?.state === 'broken' || this.#life?.state === 'backoff') this.start(cause);
  }

  /** The pool starts no daemons: stop waiting to. */
  breakDown(error: PoseError): void {
    if (this.#life?.state !== 'backoff') return;
    this.#pause?.cancel();
    this.#life.to('broken', firstLine(error), error.code);
  }

  /** Replace the worker; its successor first, so that nobody waits. */
  replace(cause: string): void {
    const old = this.#worker;
    if (this.#closed || old === null || this.#successor !== null) return;
    if (this.#host.whyNotStart() !== null) {
      this.#replaceLater(old, cause);
      return;
    }
    this.#restarts += 1;
    const life = new Life(this.index, cause, (step) => this.#host.onTransition(step));
    this.#successor = life;
    this.#launch(life);
  }

  /** Replace a worker that is sick; where another can, it takes no more work until then. */
  eject(worker: PoolWorker, why: string): void {
    if (worker !== this.#worker) return;
    const [other] = this.#host.othersOf(worker);
    if (other !== undefined) worker.suspend();
    this.replace(why);
  }

  /** End everything. Never throws, bounded in time. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#pause?.cancel();
    this.#giveUp.abort();
    if (this.#worker) this.#track(this.#worker.close('the pool closes'));
    for (const worker of this.#leaving) this.#track(worker.close('the pool closes'));
    while (this.#endings.size > 0) await Promise.all(this.#endings);
  }

  #launch(life: Life): void {
    this.#starting += 1;
    this.#host.admit(() => this.#track(this.#run(life)), this);
  }

  #track(ending: Promise<unknown>): void {
    const tracked = ending.finally(() => this.#endings.delete(tracked));
    this.#endings.add(tracked);
  }

  async #run(life: Life): Promise<void> {
    let daemon: DaemonLike;
    try {
      if (this.#closed) throw new AbortedError('the pool was closed');
      const outage = this.#host.whyNotStart(); // it may have come while this one stood in line
      if (outage !== null) throw outage;
      daemon = await this.#host.launch({
        signal: this.#giveUp.signal,
        onPhase: (phase, pid) => {
          life.pid = pid;
          life.to(phase, 'the daemon said so');
        },
      });
    } catch (error) {
      this.#starting -= 1;
      this.#startFailed(life, asPoseError(error));
      return;
    }
    this.#starting -= 1;
    life.pid = daemon.child.pid;
    life.to('ready', 'the daemon said so');
    const worker: PoolWorker = new PoolWorker(
      daemon,
      life,
      this.#host.worker,
      this.#workerHost(() => worker),
    );
    this.#track(daemon.ended.then(({ error, isCrash }) => this.#ended(worker, error, isCrash)));
    if (this.#closed) {
      await worker.close('the pool closes');
      return;
    }
    this.#takeOver(life, worker);
  }

  #takeOver(life: Life, worker: PoolWorker): void {
    const old = this.#worker;
    this.#pause?.cancel();
    this.#successor = null;
    this.#life = life;
    this.#worker = worker;
    this.#host.onReady(this, worker);
    if (old === null) return;
    this.#host.onLeft(this, old);
    this.#track(this.#retire(old, 'its successor is ready'));
  }

  /** Resolves when the process is gone. */
  async #retire(worker: PoolWorker, cause: string): Promise<void> {
    this.#leaving.add(worker);
    await worker.retire(cause);
    await worker.ended;
    this.#leaving.delete(worker);
  }

  #workerHost(self: () => PoolWorker): WorkerHost {
    const { clock, random } = this.#host;
    return {
      clock,
      random,
      onFree: () => this.#host.onFree(),
      onWorn: (why) => this.replace(why),
      onAnswered: () => {
        this.#failuresInARow = 0;
        this.#host.onAnswered(this);
      },
      onSick: (code) => this.#judge(self(), code),
    };
  }

  #judge(worker: PoolWorker, code: string): void {
    if (worker !== this.#worker) return;
    const others = [...this.#host.othersOf(worker)];
    const why = worker.gray.verdict(others.map(({ gray }) => gray));
    if (why !== null) {
      this.eject(worker, why);
      return;
    }
    if (code !== 'NO_RESOURCES') return;
    const error = new PoseError('NO_RESOURCES', 'the daemon ran out of memory and said so');
    const pauseMs = this.#host.memoryPauseMs(this, error);
    if (pauseMs === null) this.replace('it ran out of memory');
    else this.#standAside(worker, pauseMs);
  }

  /** Leave the memory to the others for a while. */
  #standAside(worker: PoolWorker, pauseMs: number): void {
    this.#worker = null;
    this.#host.onLeft(this, worker);
    this.#track(
      this.#retire(worker, 'it ran out of memory').then(() => {
        if (this.#life === worker.life && this.#successor === null)
          this.#rest(pauseMs, 'memory ran out', 'NO_RESOURCES');
      }),
    );
  }

  #startFailed(life: Life, error: PoseError): void {
    life.to('exited', firstLine(error), error.code);
    const wasSuccessor = this.#successor === life;
    if (wasSuccessor) this.#successor = null;
    if (this.#closed) return;
    this.#failuresInARow += 1;
    this.#host.onStartFailed(this, error);
    if (wasSuccessor && this.#worker !== null) {
      this.#replaceLater(this.#worker, 'its last replacement did not start');
      return;
    }
    this.#life = life; // also when the worker that it should have replaced died meanwhile
    this.#plan(error);
  }

  #ended(worker: PoolWorker, error: PoseError | null, isCrash: boolean): void {
    worker.life.to('exited', error === null ? 'it was closed' : firstLine(error), error?.code ?? null);
    if (worker.daemon.child.leaked) this.#host.onLeaked(worker);
    const wasCurrent = this.#worker === worker;
    if (wasCurrent) {
      this.#worker = null;
      this.#host.onLeft(this, worker);
    }
    if (error === null || this.#closed) return;
    if (isCrash) {
      if (worker.answered === 0) this.#failuresInARow += 1;
      this.#host.onDied(this, worker, error);
    }
    if (!wasCurrent || this.#successor !== null) return;
    if (isCrash) this.#plan(error);
    else if (this.#host.whyNotStart() === null) this.start('a cancelled request of the last one went on');
    else this.#life?.to('broken', firstLine(error), error.code);
  }

  #replaceLater(worker: PoolWorker, cause: string): void {
    this.#pause?.cancel();
    this.#pause = this.#host.clock.after(backoffMs(this.#failuresInARow, this.#host.random), () => {
      if (this.#worker === worker) this.replace(cause);
    });
  }

  /** What comes after a process that ended. */
  #plan(error: PoseError): void {
    const pauseMs =
      this.#host.memoryPauseMs(this, error) ?? backoffMs(this.#failuresInARow, this.#host.random);
    this.#rest(pauseMs, firstLine(error), error.code);
  }

  #rest(pauseMs: number, cause: string, code: string): void {
    if (this.#closed) return;
    if (this.#host.whyNotStart() !== null) {
      this.#life?.to('broken', cause, code);
      return;
    }
    this.#life?.to('backoff', `${Math.round(pauseMs)} ms after: ${cause}`, code);
    this.#pause = this.#host.clock.after(pauseMs, () => this.start('the pause is over'));
  }
}

function firstLine({ message }: Error): string {
  return message.split('\n', 1)[0] ?? message;
}

function asPoseError(error: unknown): PoseError {
  if (error instanceof PoseError) return error;
  const sentence = `starting a daemon failed: ${error instanceof Error ? error.message : String(error)}`;
  return new StartError('START_FAILED', sentence, { cause: error, phase: 'spawning' });
}
