/** Stops starting daemons when starting again cannot help, and tries one from time to time. */

import type { Clock, Timer } from '../clock.ts';
import { PoseError, StartError } from '../errors.ts';
import { signalOf } from '../process/exit.ts';
import { ERROR_CODES, type ErrorCode } from '../wire/generated/errors.ts';

export const DEATHS_TO_OPEN = 5;
export const DEATH_WINDOW_MS = 60_000;
export const OPEN_FIRST_MS = 30_000;
export const OPEN_MAX_MS = 600_000;

export type BreakerState = 'closed' | 'open' | 'half-open';

export interface BreakerChange {
  readonly from: BreakerState;
  readonly to: BreakerState;
  /** What opened it; null when it closed. */
  readonly cause: PoseError | null;
}

/** Starting again without a change cannot help: a missing module, a wrong version. */
export function isFatal(error: PoseError): boolean {
  const { code, retryable } = error;
  // The system was short of something for the moment, or the bytes of one daemon made no sense.
  if (retryable) return false;
  // What a signal ended may start next time, unless it was compiled for another CPU.
  const signal = error instanceof StartError && error.exit ? signalOf(error.exit) : null;
  if (signal !== null && signal !== 'SIGILL') return false;
  return Object.hasOwn(ERROR_CODES, code) && ERROR_CODES[code as ErrorCode].fatal;
}

/**
 * Closed: daemons start. Open: none does. Half-open: one may try; READY closes it, but until a daemon has answered a
 * request one more early death opens it again, for twice as long.
 */
export class Breaker {
  #state: BreakerState = 'closed';
  #cause: PoseError | null = null;
  #earlyDeathsMs: number[] = [];
  #openMs = OPEN_FIRST_MS;
  #timer: Timer | null = null;
  readonly #clock: Clock;
  readonly #onChange: (change: BreakerChange) => void;

  constructor(clock: Clock, onChange: (change: BreakerChange) => void) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** What opened it. */
  get cause(): PoseError | null {
    return this.#cause;
  }

  /** A start failed, or a daemon died before it had answered anything. */
  failed(error: PoseError): void {
    const nowMs = this.#clock.nowMs();
    this.#earlyDeathsMs = this.#earlyDeathsMs.filter((atMs) => nowMs - atMs < DEATH_WINDOW_MS);
    this.#earlyDeathsMs.push(nowMs);
    if (this.#state === 'half-open' || isFatal(error) || this.#earlyDeathsMs.length >= DEATHS_TO_OPEN) {
      this.#open(error);
    }
  }

  /** A daemon became ready. */
  ready(): void {
    if (this.#state === 'closed') return;
    const nowMs = this.#clock.nowMs();
    this.#earlyDeathsMs = Array.from({ length: DEATHS_TO_OPEN - 1 }, () => nowMs);
    this.#to('closed', null);
  }

  /** A daemon answered a request. */
  answered(): void {
    if (this.#earlyDeathsMs.length === 0 && this.#state === 'closed') return;
    this.#earlyDeathsMs = [];
    this.#openMs = OPEN_FIRST_MS;
  }

  /** The operator has mended it: forget everything. */
  reset(): void {
    this.#earlyDeathsMs = [];
    this.#openMs = OPEN_FIRST_MS;
    this.#to('closed', null);
  }

  /** For a pool that ends. */
  stop(): void {
    this.#timer?.cancel();
  }

  #open(cause: PoseError): void {
    if (this.#state === 'open') return;
    const openMs = this.#openMs;
    this.#openMs = Math.min(OPEN_MAX_MS, openMs * 2);
    this.#to('open', cause);
    this.#timer = this.#clock.after(openMs, () => this.#to('half-open', cause));
  }

  #to(next: BreakerState, cause: PoseError | null): void {
    const from = this.#state;
    if (from === next) return;
    this.#timer?.cancel();
    this.#state = next;
    this.#cause = cause;
    this.#onChange({ from, to: next, cause });
  }
}

/** What calls are refused with while nothing can be started. */
export function poolUnavailable(cause: PoseError | null): PoseError {
  const sentence = `no daemon can be started${cause === null ? '' : `; the cause: ${cause.message}`}`;
  const hint = 'Mend the cause, then call pool.reset(); the pool also tries again by itself.';
  return new PoseError('POOL_UNAVAILABLE', sentence, { cause: cause ?? undefined, hint });
}
