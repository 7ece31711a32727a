/** What moves a player on: the frames a video shows, or, without one, time itself. */

export interface Clock {
  play(): void;
  pause(): void;
  seek(timeS: number): void;
  setSpeed(speed: number): void;
  close(): void;
}

export interface ClockEvents {
  /** What is on the screen now, or will be with the next paint. */
  onShown(timeS: number): void;
  onPlaying(isPlaying: boolean): void;
}

/** Follows the frames that a video shows, one by one. */
export class VideoClock implements Clock {
  readonly #video: HTMLVideoElement;
  readonly #end = new AbortController();
  #callback = 0;
  /** A wish that waits: browsers drop frames when seeks overtake each other. */
  #nextTimeS: number | null = null;

  constructor(video: HTMLVideoElement, { onShown, onPlaying }: ClockEvents) {
    this.#video = video;
    const { signal } = this.#end;
    const shown = (_: number, { mediaTime }: VideoFrameCallbackMetadata) => {
      this.#callback = video.requestVideoFrameCallback(shown);
      onShown(mediaTime);
    };
    this.#callback = video.requestVideoFrameCallback(shown);
    for (const event of ['play', 'pause', 'ended'] as const) {
      video.addEventListener(event, () => onPlaying(!video.paused && !video.ended), { signal });
    }
    video.addEventListener('seeked', () => this.#seekNext(), { signal });
  }

  play(): void {
    // Refused where the page lost its source meanwhile; the element's error event tells of that.
    this.#video.play().catch(() => {});
  }

  pause(): void {
    this.#video.pause();
  }

  seek(timeS: number): void {
    this.#nextTimeS = timeS;
    if (!this.#video.seeking) this.#seekNext();
  }

  setSpeed(speed: number): void {
    this.#video.playbackRate = speed;
  }

  close(): void {
    this.#end.abort();
    this.#video.cancelVideoFrameCallback(this.#callback);
  }

  #seekNext(): void {
    if (this.#nextTimeS === null) return;
    this.#video.currentTime = this.#nextTimeS;
    this.#nextTimeS = null;
  }
}

/** For a result whose video cannot be shown. */
export class FreeClock implements Clock {
  readonly #durationS: number;
  readonly #events: ClockEvents;
  #timeS = 0;
  #speed = 1;
  #request = 0;
  #lastMs = 0;

  constructor(durationS: number, events: ClockEvents) {
    this.#durationS = durationS;
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
    this.#events.onShown(timeS);
  }

  setSpeed(speed: number): void {
    this.#speed = speed;
  }

  close(): void {
    cancelAnimationFrame(this.#request);
  }

  readonly #tick = (nowMs: number): void => {
    this.#timeS += (Math.max(0, nowMs - this.#lastMs) / 1000) * this.#speed;
    this.#lastMs = nowMs;
    this.#events.onShown(Math.min(this.#timeS, this.#durationS));
    if (this.#timeS < this.#durationS) this.#request = requestAnimationFrame(this.#tick);
    else this.pause();
  };
}
