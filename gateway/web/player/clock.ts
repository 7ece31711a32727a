/** What moves a player on: the frames a video shows, or, without one, time itself. */

export interface Clock {
  play(): void;
  pause(): void;
  seek(timeS: number): void;
  setSpeed(speed: number): void;
  close(): void;
}

export interface ClockEvents {
  /**
   * The moment whose people belong on the screen now, or with the next paint. `isApart`: the picture is of another
   * moment, for a hand is faster than the video or than people come.
   */
  onShown(timeS: number, isApart: boolean): void;
  onPlaying(isPlaying: boolean): void;
}

/** True when there is something to show of that moment, or never will be; false when it was passed over. */
export type Ready = (timeS: number) => Promise<boolean>;
