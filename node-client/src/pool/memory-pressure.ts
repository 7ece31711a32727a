/** Fewer daemons for a while after memory ran out, and said so. */
import { type PoseError, WorkerDiedError } from '../errors.ts';
import type { ConcurrencyChange } from './events.ts';

/** How long a slot stays empty after its daemon ran out of memory; doubles each time, up to the limit. */
export const PAUSE_FIRST_MS = 60_000;
export const PAUSE_MAX_MS = 600_000;

export class MemoryPressure {
  readonly #size: number;
  readonly #onChange: (change: ConcurrencyChange) => void;
  #inUse: number;
  #pauseMs = PAUSE_FIRST_MS;

  constructor(size: number, onChange: (change: ConcurrencyChange) => void) {
    this.#size = size;
    this.#inUse = size;
    this.#onChange = onChange;
  }

  /** Milliseconds to leave a slot empty after this error; null: memory was not the cause, or there is no other daemon. */
  pauseMs(cause: PoseError, others: number): number | null {
    if (!isOutOfMemory(cause) || others === 0) return null;
    const pauseMs = this.#pauseMs;
    this.#pauseMs = Math.min(PAUSE_MAX_MS, pauseMs * 2);
    this.#change(others, `memory ran out; one daemon less for ${Math.round(pauseMs / 1000)} s`);
    return pauseMs;
  }

  /** A start waits because memory is short. */
  held(availableBytes: number, peakBytes: number, inUse: number): void {
    const [left, needed] = [availableBytes, peakBytes].map((bytes) => Math.round(bytes / 1_000_000));
    this.#change(inUse, `a daemon waits to start: ${left} MB are left, and one has held ${needed} MB`);
  }

  /** That many daemons are ready. */
  inUse(daemons: number): void {
    if (daemons <= this.#inUse) return;
    this.#change(daemons, 'memory allows another daemon again');
    if (daemons === this.#size) this.#pauseMs = PAUSE_FIRST_MS;
  }

  #change(to: number, cause: string): void {
    const from = this.#inUse;
    this.#inUse = to;
    if (from !== to) this.#onChange({ from, to, cause });
  }
}

/** The daemon said so itself, or the kernel's counter did. */
function isOutOfMemory(error: PoseError): boolean {
  if (error.code === 'NO_RESOURCES') return true;
  return error instanceof WorkerDiedError && error.code === 'OOM_SUSPECTED' && error.oomSeen === true;
}
