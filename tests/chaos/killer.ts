/** Kills random daemons of a pool from outside, and takes the time until their places are ready again. */
import type { PosePool, Transition, WorkerState } from '../../node-client/src/index.ts';

/** States without a process. */
const WITHOUT_PROCESS: ReadonlySet<WorkerState> = new Set(['exited', 'backoff', 'broken', 'spawning']);

export interface KillerOptions {
  /** Mean of an exponential distribution, seconds. */
  readonly everyS: number;
  readonly random: () => number;
  /** Kill daemons that have not said READY too: five of these in a row open the pool's breaker, as they shall. */
  readonly startingToo: boolean;
}

export class Killer {
  /** Milliseconds from each kill to the next READY in the same place. */
  readonly recoveriesMs: number[] = [];
  /** Every daemon there was. */
  readonly pids = new Set<number>();
  kills = 0;
  /** Of the kills: of daemons that had not said READY. */
  killsWhileStarting = 0;
  readonly #options: KillerOptions;
  /** Daemons that live: their place, and whether they have said READY. */
  readonly #living = new Map<number, { readonly slot: number; readonly isReady: boolean }>();
  /** Moments of the kills that a place has not recovered from. */
  readonly #openKills = new Map<number, number[]>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: KillerOptions) {
    this.#options = options;
  }

  /** Kills without a READY after them. */
  get unrecovered(): number {
    return [...this.#openKills.values()].reduce((sum, moments) => sum + moments.length, 0);
  }

  /** Follow what becomes of the pool's daemons. */
  watch(pool: PosePool): void {
    pool.on('transition', (transition) => this.#follow(transition));
  }

  start(): void {
    const waitS = -Math.log(1 - this.#options.random()) * this.#options.everyS;
    this.#timer = setTimeout(() => {
      this.#killOne();
      this.start();
    }, waitS * 1_000);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #follow({ slot, pid, from, to }: Transition): void {
    if (pid === null) return;
    if (WITHOUT_PROCESS.has(to)) this.#living.delete(pid);
    else {
      this.pids.add(pid);
      const wasReady = this.#living.get(pid)?.isReady ?? false;
      this.#living.set(pid, { slot, isReady: wasReady || to === 'ready' });
      if (to === 'ready' && from !== 'busy' && from !== 'unresponsive') this.#recovered(slot);
    }
  }

  #recovered(slot: number): void {
    const nowMs = performance.now();
    for (const killedAtMs of this.#openKills.get(slot) ?? []) this.recoveriesMs.push(nowMs - killedAtMs);
    this.#openKills.delete(slot);
  }

  #killOne(): void {
    const { random, startingToo } = this.#options;
    const targets = [...this.#living].filter(([, { isReady }]) => isReady || startingToo);
    const victim = targets[Math.floor(random() * targets.length)];
    if (victim === undefined) return; // every place waits for its next daemon
    const [pid, { slot, isReady }] = victim;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      return; // it is gone, and the pool has not heard of it yet
    }
    this.#living.delete(pid);
    this.kills += 1;
    if (!isReady) this.killsWhileStarting += 1;
    this.#openKills.set(slot, [...(this.#openKills.get(slot) ?? []), performance.now()]);
  }
}
