/** May another daemon start now? Spaced in time, and only while there is memory for it. */
import { freemem } from 'node:os';
import type { Clock, Timer } from '../clock.ts';

/** Between two looks at memory that is short. */
export const RECHECK_MS = 1_000;

export interface MemoryNeeds {
  /** Which memory. */
  readonly of: 'memory' | 'GPU memory';
  /** Memory the machine, or this process's share of it, has left; bytes. */
  readonly availableBytes: number;
  /** The most a daemon of this pool has held; 0 before one was ready. */
  readonly peakBytes: number;
  /** Daemons that start and have not taken their memory yet. */
  readonly starting: number;
}

/** Is there room for one more daemon, beside those that are starting? */
export function hasRoom({ availableBytes, peakBytes, starting }: MemoryNeeds): boolean {
  return availableBytes >= peakBytes * (starting + 1);
}

/** What is left, in bytes: Node knows the limit of a control group, where there is one. */
export function availableMemory(): number {
  return process.availableMemory?.() ?? freemem();
}

interface Waiting {
  readonly go: () => void;
  readonly mayWait: () => boolean;
}

export interface AdmissionOptions {
  readonly clock: Clock;
  readonly spawnIntervalMs: number;
  /** Of each kind of memory that is watched. */
  readonly needs: () => readonly MemoryNeeds[];
  /** Memory is short; said once per shortage. */
  readonly onShort: (needs: MemoryNeeds) => void;
}

/** A line in which starts wait. */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #line: Waiting[] = [];
  #nextAtMs = Number.NEGATIVE_INFINITY;
  #timer: Timer | null = null;
  #isShort = false;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** Call `go` when a daemon may start; `mayWait` tells whether the pool can do without it while memory is short. */
  join(go: () => void, mayWait: () => boolean): void {
    this.#line.push({ go, mayWait });
    this.#serve();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#line.length = 0;
  }

  #serve(): void {
    this.#timer?.cancel();
    this.#timer = null;
    const { clock, spawnIntervalMs } = this.#options;
    const [first] = this.#line;
    if (first === undefined) return;
    const waitMs = Math.max(this.#nextAtMs - clock.nowMs(), this.#memoryWaitMs(first));
    if (waitMs > 0) {
      this.#timer = clock.after(waitMs, () => this.#serve());
      return;
    }
    this.#line.shift();
    this.#nextAtMs = clock.nowMs() + spawnIntervalMs;
    first.go();
    this.#serve();
  }

  #memoryWaitMs({ mayWait }: Waiting): number {
    const short = mayWait() ? this.#options.needs().find((needs) => !hasRoom(needs)) : undefined;
    if (short !== undefined && !this.#isShort) this.#options.onShort(short);
    this.#isShort = short !== undefined;
    return this.#isShort ? RECHECK_MS : 0;
  }
}
