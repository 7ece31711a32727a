/** Where a player is: the frame on the screen, the frame that is wanted, and how fast it goes on. */
import { frameAt, seekTimeS } from '../frames/times.ts';
import type { Clock, ClockEvents } from './clock.ts';

export const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4] as const;
export type Speed = (typeof SPEEDS)[number];

export class Playback {
  /** Whose people are on the screen; -1 before the first one. */
  frame = $state(-1);
  /** The picture is another one: a seek is under way. */
  isApart = $state(false);
  /** Where the slider stands: ahead of `frame` while a seek is under way. */
  cursor = $state(0);
  direction: 1 | -1 = $state(1);
  isPlaying = $state(false);
  speed: Speed = $state(1);
  readonly timesS: readonly number[];
  #clock: Clock | null = null;

  constructor(timesS: readonly number[]) {
    this.timesS = timesS;
  }

  get last(): number {
    return this.timesS.length - 1;
  }

  get timeS(): number {
    return this.timesS[this.cursor] ?? 0;
  }

  /** Take the clock that `make` builds, in place of the one before. */
  attach(make: (events: ClockEvents) => Clock): void {
    this.#clock?.close();
    this.isPlaying = false;
    this.isApart = false;
    this.#clock = make({
      onShown: (timeS, isApart) => this.#show(frameAt(this.timesS, timeS), isApart),
      onPlaying: (isPlaying) => {
        this.isPlaying = isPlaying;
      },
    });
    this.#clock.setSpeed(this.speed);
    if (this.cursor > 0) this.#clock.seek(seekTimeS(this.timesS, this.cursor));
  }

  toggle(): void {
    if (this.isPlaying) this.#clock?.pause();
    else this.#clock?.play();
  }

  seek(frame: number): void {
    const target = Math.max(0, Math.min(Math.round(frame), this.last));
    if (target !== this.cursor) this.direction = target > this.cursor ? 1 : -1;
    this.cursor = target;
    this.#clock?.seek(seekTimeS(this.timesS, target));
  }

  /** Frame by frame, standing. */
  step(frames: number): void {
    if (this.isPlaying) this.#clock?.pause();
    this.seek(this.cursor + frames);
  }

  skip(seconds: number): void {
    this.seek(frameAt(this.timesS, this.timeS + seconds));
  }

  setSpeed(speed: Speed): void {
    this.speed = speed;
    this.#clock?.setSpeed(speed);
  }

  faster(steps: 1 | -1): void {
    this.setSpeed(SPEEDS[SPEEDS.indexOf(this.speed) + steps] ?? this.speed);
  }

  close(): void {
    this.#clock?.close();
    this.#clock = null;
  }

  #show(frame: number, isApart: boolean): void {
    this.frame = frame;
    this.isApart = isApart;
    if (!this.isPlaying || isApart) return; // a seek has set the cursor, and may have moved it on since
    this.direction = 1;
    this.cursor = frame;
  }
}
