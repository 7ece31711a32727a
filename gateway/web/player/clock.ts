/** What moves a player on: the frames a video shows, or, without one, time itself. */
import { MAX_LOADING } from '../frames/frame-cache.ts';

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

/** True when there is something to show of that moment, or never will be; false when it was passed over. */
export type Ready = (timeS: number) => Promise<boolean>;

/** Follows the frames that a video shows, one by one. */
export class VideoClock implements Clock {
  readonly #video: HTMLVideoElement;
  readonly #ready: Ready;
  readonly #end = new AbortController();
  #callback = 0;
  /** A wish that waits: browsers drop frames when seeks overtake each other. */
  #nextTimeS: number | null = null;

  constructor(video: HTMLVideoElement, ready: Ready, { onShown, onPlaying }: ClockEvents) {
    this.#video = video;
    this.#ready = ready;
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
    void this.#ready(this.#nextTimeS); // people are fetched while the video gets there
    this.#nextTimeS = null;
  }
}

/**
 * For a result whose video cannot be shown: a seek takes as long as its frame takes to come. As many may wait as are
 * fetched at once; a later one that is ready overtakes.
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
