/** Fewer daemons for a while after memory ran out, and said so. */
import type { Clock } from '../clock.ts';
import { type PoseError, WorkerDiedError } from '../errors.ts';
import type { MemoryNeeds } from './admission.ts';
import type { ConcurrencyChange } from './events.ts';

/**
 * How long a slot stays empty after its daemon ran out of memory. Doubles, up to the limit, until it has gone well for as
 * long as the last pause was.
 */
export const PAUSE_FIRST_MS = 60_000;
export const PAUSE_MAX_MS = 600_000;

export class MemoryPressure {
  readonly #clock: Clock;
  readonly #onChange: (change: ConcurrencyChange) => void;
  #inUse: number;
  #pauseMs = PAUSE_FIRST_MS;
  /** When the last pause will have helped. */
  #provenAtMs = Number.NEGATIVE_INFINITY;

  constructor(size: number, clock: Clock, onChange: (change: ConcurrencyChange) => void) {
    this.#clock = clock;
    this.#inUse = size;
    this.#onChange = onChange;
  }

  /** Milliseconds to leave a slot empty after this error; null: memory was not the cause, or there is no other daemon. */
  pauseMs(cause: PoseError, others: number): number | null {
    if (!isOutOfMemory(cause) || others === 0) return null;
    const nowMs = this.#clock.nowMs();
    const pauseMs = nowMs >= this.#provenAtMs ? PAUSE_FIRST_MS : this.#pauseMs;
    this.#pauseMs = Math.min(PAUSE_MAX_MS, pauseMs * 2);
    this.#provenAtMs = nowMs + 2 * pauseMs;
    this.#change(others, `memory ran out; one daemon less for ${Math.round(pauseMs / 1000)} s`);
    return pauseMs;
  }

  /** A start waits because memory is short. */
  held({ of, availableBytes, peakBytes }: MemoryNeeds, inUse: number): void {
    const [left, needed] = [availableBytes, peakBytes].map((bytes) => Math.round(bytes / 1_000_000));
    this.#change(
      inUse,
      `a daemon waits to start: ${left} MB of ${of} are left, and one has held ${needed} MB`,
    );
  }

  /** That many daemons are ready. */
  inUse(daemons: number): void {
    if (daemons <= this.#inUse) return;
    this.#change(daemons, 'memory allows another daemon again');
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
