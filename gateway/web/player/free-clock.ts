/** A clock for a result whose video cannot be shown: time itself moves it on. */
import { MAX_LOADING } from '../frames/frame-cache.ts';
import type { Clock, ClockEvents, Ready } from './clock.ts';

/**
 * A seek takes as long as its frame takes to come. As many may wait as are fetched at once; a later one that is ready
 * overtakes.
 */
export class FreeClock implements Clock {
  readonly #durationS: number;
  readonly #ready: Ready;
  readonly #events: ClockEvents;
  #timeS = 0;
  #speed = 1;
  #request = 0;
  #lastMs = 0;
  #nextTimeS: number | null = null;
  #waiting = 0;
  #asked = 0;
  #shown = 0;
  #isClosed = false;

  constructor(durationS: number, ready: Ready, events: ClockEvents) {
    this.#durationS = durationS;
    this.#ready = ready;
    this.#events = events;
    events.onShown(0);
  }

  play(): void {
    if (this.#timeS >= this.#durationS) this.#timeS = 0;
    this.#lastMs = performance.now();
    cancelAnimationFrame(this.#request);
    this.#request = requestAnimationFrame(this.#tick);
    this.#events.onPlaying(true);
  }

  pause(): void {
    cancelAnimationFrame(this.#request);
    this.#events.onPlaying(false);
  }

  seek(timeS: number): void {
    this.#timeS = timeS;
    this.#nextTimeS = timeS;
    if (this.#waiting < MAX_LOADING) void this.#seekNext();
  }

  setSpeed(speed: number): void {
    this.#speed = speed;
  }

  close(): void {
    this.#isClosed = true;
    cancelAnimationFrame(this.#request);
  }

  async #seekNext(): Promise<void> {
    if (this.#nextTimeS === null || this.#isClosed) return;
    const timeS = this.#nextTimeS;
    const number = ++this.#asked;
    this.#nextTimeS = null;
    this.#waiting += 1;
    const isReady = await this.#ready(timeS);
    this.#waiting -= 1;
    if ((isReady || number === this.#asked) && number > this.#shown && !this.#isClosed) {
      this.#shown = number;
      this.#events.onShown(timeS);
    }
    void this.#seekNext();
  }

  readonly #tick = (nowMs: number): void => {
    this.#timeS += (Math.max(0, nowMs - this.#lastMs) / 1000) * this.#speed;
    this.#lastMs = nowMs;
    this.#events.onShown(Math.min(this.#timeS, this.#durationS));
    if (this.#timeS < this.#durationS) this.#request = requestAnimationFrame(this.#tick);
    else this.pause();
  };
}
