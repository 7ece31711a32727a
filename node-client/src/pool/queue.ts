/** Calls that wait for a daemon: in their order, those that were lost with a daemon first. */
import type { Call } from './call.ts';

export class Queue implements Iterable<Call> {
  readonly #onLeft: () => void;
  /** Sets keep the order and let a cancelled call leave from the middle. */
  readonly #again = new Set<Call>();
  readonly #first = new Set<Call>();

  /** `onLeft` is called when a caller gives up: whoever waited behind it may go. */
  constructor(onLeft: () => void) {
    this.#onLeft = onLeft;
  }

  get size(): number {
    return this.#again.size + this.#first.size;
  }

  /** Milliseconds on the caller's clock at which the longest waiting call came in; null when none waits. */
  get oldestAtMs(): number | null {
    let oldest: number | null = null;
    for (const set of [this.#again, this.#first]) {
      const [call] = set;
      if (call && (oldest === null || call.enteredAtMs < oldest)) oldest = call.enteredAtMs;
    }
    return oldest;
  }

  push(call: Call): void {
    this.#join(this.#first, call);
  }

  /** It was with a daemon already. */
  pushAgain(call: Call): void {
    this.#join(this.#again, call);
  }

  delete(call: Call): void {
    this.#again.delete(call);
    this.#first.delete(call);
  }

  *[Symbol.iterator](): Iterator<Call> {
    yield* this.#again;
    yield* this.#first;
  }

  #join(set: Set<Call>, call: Call): void {
    call.onGivenUp = () => {
      set.delete(call);
      this.#onLeft();
    };
    set.add(call);
  }
}
