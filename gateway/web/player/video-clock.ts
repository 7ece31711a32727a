/**
 * A clock that follows the frames a video shows, one by one. While a hand drags, people and picture each come as soon as
 * they can, and it is said when they are not of one frame; at rest people are those of the picture, whatever was asked
 * for.
 */
import type { Clock, ClockEvents, Ready } from './clock.ts';
import { Following } from './following.ts';

/** Milliseconds for the picture of a seek and its people to meet; then the picture has its way. */
export const SETTLE_MS = 250;

export interface VideoClockOptions {
  readonly ready: Ready;
  /** Are the people of that moment here? */
  readonly isHere: (timeS: number) => boolean;
  /** Are two moments of one frame? */
  readonly isOneFrame: (oneS: number, otherS: number) => boolean;
}

export class VideoClock implements Clock {
  readonly #video: HTMLVideoElement;
  readonly #options: VideoClockOptions;
  readonly #events: ClockEvents;
  readonly #following: Following;
  readonly #end = new AbortController();
  #callback = 0;
  #settling: ReturnType<typeof setTimeout> | undefined;
  /** Of the picture and of the people that are there; null before the first. */
  #pictureS: number | null = null;
  #peopleS: number | null = null;
  /** What was asked for last; null once it is there. */
  #targetS: number | null = null;
  /** A wish that waits: browsers drop frames when seeks overtake each other. */
  #nextS: number | null = null;

  constructor(video: HTMLVideoElement, options: VideoClockOptions, events: ClockEvents) {
    this.#video = video;
    this.#options = options;
    this.#events = events;
    this.#following = new Following(options.ready, (timeS) => {
      this.#peopleS = timeS;
      this.#look();
    });
    const { signal } = this.#end;
    const shown = (_: number, { mediaTime }: VideoFrameCallbackMetadata) => {
      this.#callback = video.requestVideoFrameCallback(shown);
      this.#pictureS = mediaTime;
      const goesOn = !video.paused && !video.seeking && this.#nextS === null;
      if (this.#targetS === null || goesOn) this.#rest();
      else this.#look();
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

  #seeked(): void {
    if (this.#video.seeking) return; // told of the seek before
    clearTimeout(this.#settling);
    if (this.#nextS !== null) this.#seekNext();
    else if (this.#targetS !== null && !this.#look())
      this.#settling = setTimeout(() => this.#rest(), SETTLE_MS);
  }

  #seekNext(): void {
    if (this.#nextS === null) return;
    this.#video.currentTime = this.#nextS;
    this.#nextS = null;
  }

  /** True when what was asked for is there, picture and people. */
  #look(): boolean {
    const hasArrived = this.#targetS !== null && this.#isPicture(this.#targetS);
    if (hasArrived && this.#options.isHere(this.#targetS as number)) {
      this.#rest();
      return true;
    }
    if (this.#peopleS !== null) this.#show(this.#peopleS);
    return false;
  }

  /** People and picture are of one moment: the picture's. */
  #rest(): void {
    clearTimeout(this.#settling);
    if (this.#pictureS === null) return;
    this.#targetS = null;
    this.#following.drop();
    this.#show(this.#pictureS);
  }

  #show(timeS: number): void {
    this.#peopleS = timeS;
    this.#events.onShown(timeS, !this.#isPicture(timeS));
  }

  #isPicture(timeS: number): boolean {
    return this.#pictureS !== null && this.#options.isOneFrame(timeS, this.#pictureS);
  }
}
