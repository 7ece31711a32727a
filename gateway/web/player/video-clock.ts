/**
 * A clock that follows the frames a video shows, one by one. While it seeks, people follow the hand and the picture
 * comes after; at rest people are those of the picture, whatever was asked for.
 */
import type { Clock, ClockEvents, Ready } from './clock.ts';
import { Following } from './following.ts';

/** Milliseconds after a seek in which its picture comes; else people go back to the picture that is there. */
export const SETTLE_MS = 250;

export interface VideoClockOptions {
  readonly ready: Ready;
  /** Are two moments of one frame? */
  readonly isOneFrame: (oneS: number, otherS: number) => boolean;
}

export class VideoClock implements Clock {
  readonly #video: HTMLVideoElement;
  readonly #isOneFrame: VideoClockOptions['isOneFrame'];
  readonly #events: ClockEvents;
  readonly #following: Following;
  readonly #end = new AbortController();
  #callback = 0;
  #settling: ReturnType<typeof setTimeout> | undefined;
  /** Of the picture that is there; null before the first. */
  #pictureS: number | null = null;
  /** What was asked for last; null once its picture is there. */
  #targetS: number | null = null;
  /** A wish that waits: browsers drop frames when seeks overtake each other. */
  #nextS: number | null = null;

  constructor(video: HTMLVideoElement, { ready, isOneFrame }: VideoClockOptions, events: ClockEvents) {
    this.#video = video;
    this.#isOneFrame = isOneFrame;
    this.#events = events;
    this.#following = new Following(ready, (timeS) => events.onShown(timeS, true));
    const { signal } = this.#end;
    const shown = (_: number, { mediaTime }: VideoFrameCallbackMetadata) => {
      this.#callback = video.requestVideoFrameCallback(shown);
      this.#pictureS = mediaTime;
      const goesOn = !video.paused && !video.seeking && this.#nextS === null;
      if (this.#targetS === null || goesOn || this.#hasArrived) this.#rest();
    };
    this.#callback = video.requestVideoFrameCallback(shown);
    for (const event of ['play', 'pause', 'ended'] as const) {
      video.addEventListener(event, () => events.onPlaying(!video.paused && !video.ended), { signal });
    }
    video.addEventListener('seeked', () => this.#seeked(), { signal });
  }

  play(): void {
    // Refused where the page lost its source meanwhile; the element's error event tells of that.
    this.#video.play().catch(() => {});
  }

  pause(): void {
    this.#video.pause();
  }

  seek(timeS: number): void {
    clearTimeout(this.#settling);
    this.#targetS = timeS;
    this.#nextS = timeS;
    this.#following.seek(timeS);
    if (!this.#video.seeking) this.#seekNext();
  }

  setSpeed(speed: number): void {
    this.#video.playbackRate = speed;
  }

  close(): void {
    this.#end.abort();
    this.#following.drop();
    clearTimeout(this.#settling);
    this.#video.cancelVideoFrameCallback(this.#callback);
  }

  get #hasArrived(): boolean {
    return (
      this.#targetS !== null && this.#pictureS !== null && this.#isOneFrame(this.#targetS, this.#pictureS)
    );
  }

  #seeked(): void {
    if (this.#nextS !== null) this.#seekNext();
    else if (this.#hasArrived) this.#rest();
    else this.#settling = setTimeout(() => this.#rest(), SETTLE_MS);
  }

  #seekNext(): void {
    if (this.#nextS === null) return;
    this.#video.currentTime = this.#nextS;
    this.#nextS = null;
  }

  /** People and picture are of one moment: the picture's. */
  #rest(): void {
    clearTimeout(this.#settling);
    if (this.#pictureS === null) return;
    this.#targetS = null;
    this.#following.drop();
    this.#events.onShown(this.#pictureS, false);
  }
}
