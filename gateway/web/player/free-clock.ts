/** A clock for a result whose video cannot be shown: time itself moves it on. */
import type { Clock, ClockEvents, Ready } from './clock.ts';
import { Following } from './following.ts';

/** A seek takes as long as its frame takes to come. */
export class FreeClock implements Clock {
  readonly #durationS: number;
  readonly #following: Following;
  readonly #events: ClockEvents;
  #timeS = 0;
  #speed = 1;
  #request = 0;
  #lastMs = 0;

  constructor(durationS: number, ready: Ready, events: ClockEvents) {
    this.#durationS = durationS;
    this.#following = new Following(ready, (timeS) => events.onShown(timeS, false));
    this.#events = events;
    events.onShown(0, false);
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
    this.#following.seek(timeS);
  }

  setSpeed(speed: number): void {
    this.#speed = speed;
  }

  close(): void {
    this.#following.drop();
    cancelAnimationFrame(this.#request);
  }

  readonly #tick = (nowMs: number): void => {
    this.#timeS += (Math.max(0, nowMs - this.#lastMs) / 1000) * this.#speed;
    this.#lastMs = nowMs;
    this.#events.onShown(Math.min(this.#timeS, this.#durationS), false);
    if (this.#timeS < this.#durationS) this.#request = requestAnimationFrame(this.#tick);
    else this.pause();
  };
}
