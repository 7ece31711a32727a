/** A clock that follows the frames a video shows, one by one. */
import type { Clock, ClockEvents, Ready } from './clock.ts';

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
