/** A clock that stands still until a test moves it, for code that takes a `Clock` instead of calling `setTimeout`. */
import type { Clock, DeadlineClock, Timer } from '../clock.ts';

interface Planned {
  readonly atMs: number;
  readonly task: () => void;
}

/**
 * Starts at 0 ms. Timers run in the order of their times, those of one time in the order in which they were set, and
 * `nowMs()` shows each its own time. The same calls always give the same order: a failure can be played again.
 *
 *     const clock = new FakeClock();
 *     clock.after(250, () => restart());
 *     clock.advance(250); // restart() has run
 */
export class FakeClock implements Clock, DeadlineClock {
  #nowMs = 0;
  /** In the order in which they run. */
  readonly #planned: Planned[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, task: () => void): Timer {
    const planned = { atMs: this.#nowMs + Math.max(0, delayMs), task };
    this.#planned.splice(this.#placeOf(planned.atMs), 0, planned);
    return { cancel: () => this.#cancel(planned) };
  }

  deadline(delayMs: number, task: () => void): () => void {
    return this.after(delayMs, task).cancel;
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#planned.length;
  }

  /** When each timer is due, the next one first. */
  get dueAtMs(): readonly number[] {
    return this.#planned.map(({ atMs }) => atMs);
  }

  /** When the next timer is due; null when none waits. */
  get nextAtMs(): number | null {
    return this.#planned[0]?.atMs ?? null;
  }

  /** Let time pass, and run what becomes due, also what that sets. Promises settle after it has returned. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + checked(ms);
    while (this.#runNext(untilMs));
    this.#nowMs = untilMs;
  }

  /** Like `advance`, but before, between and after the timers promises settle, as they would in a running program. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.#nowMs + checked(ms);
    do await settled();
    while (this.#runNext(untilMs));
    this.#nowMs = untilMs;
  }

  /** The event loop is blocked or the machine asleep: time passes first, and what became due meanwhile runs late. */
  stall(ms: number): void {
    this.#nowMs += checked(ms);
    while (this.#runNext(this.#nowMs));
  }

  #runNext(untilMs: number): boolean {
    const next = this.#planned[0];
    if (next === undefined || next.atMs > untilMs) return false;
    this.#planned.shift();
    this.#nowMs = Math.max(this.#nowMs, next.atMs);
    next.task();
    return true;
  }

  /** Behind everything that is due no later. */
  #placeOf(atMs: number): number {
    let low = 0;
    let high = this.#planned.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#planned[middle] as Planned).atMs <= atMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #cancel(planned: Planned): void {
    const at = this.#planned.indexOf(planned);
    if (at >= 0) this.#planned.splice(at, 1);
  }
}

function checked(ms: number): number {
  if (Number.isFinite(ms) && ms >= 0) return ms;
  throw new RangeError(`a clock moves by a number of milliseconds from 0, got ${ms}`);
}

/** Promises that can settle without a further event have settled. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
