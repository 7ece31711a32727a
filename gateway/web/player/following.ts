/** Shows the moments that a hand asks for, as soon as there is something to show of them. */
import { MAX_LOADING } from '../frames/frame-cache.ts';
import type { Ready } from './clock.ts';

/** As many moments may wait as are fetched at once; a later one that is ready overtakes, and none is shown after it. */
export class Following {
  readonly #ready: Ready;
  readonly #show: (timeS: number) => void;
  #nextTimeS: number | null = null;
  #waiting = 0;
  #asked = 0;
  #shown = 0;

  constructor(ready: Ready, show: (timeS: number) => void) {
    this.#ready = ready;
    this.#show = show;
  }

  seek(timeS: number): void {
    this.#nextTimeS = timeS;
    if (this.#waiting < MAX_LOADING) void this.#seekNext();
  }

  /** What was asked for until now is not shown any more. */
  drop(): void {
    this.#nextTimeS = null;
    this.#shown = this.#asked;
  }

  async #seekNext(): Promise<void> {
    if (this.#nextTimeS === null) return;
    const timeS = this.#nextTimeS;
    const number = ++this.#asked;
    this.#nextTimeS = null;
    this.#waiting += 1;
    const isReady = await this.#ready(timeS);
    this.#waiting -= 1;
    if (number > this.#shown) {
      if (isReady) {
        this.#shown = number;
        this.#show(timeS);
      } else if (number === this.#asked) this.#nextTimeS ??= timeS; // it was passed over for nothing newer
    }
    void this.#seekNext();
  }
}
