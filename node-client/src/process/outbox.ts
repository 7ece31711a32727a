/** Frames on their way to a daemon: held until the pipe is free, and looked at once more before they are written. */
import type { Writable } from 'node:stream';
import { type EncodedFrame, writeFrame } from '../wire/frame-writer.ts';

interface Waiting {
  readonly frame: EncodedFrame;
  /** As the header announces it. */
  readonly bodyBytes: number;
  readonly onSpoiled: () => void;
}

/**
 * A caller's buffer that was transferred away has length 0. Written after a header that announces more, it would make
 * the daemon take the next requests for the rest of an image; here it spoils its own request only.
 */
export class Outbox {
  readonly #pipe: Writable;
  #waiting: Waiting[] = [];
  #writing = false;

  constructor(pipe: Writable) {
    this.#pipe = pipe;
  }

  /** Write a frame as soon as the pipe takes it; `onSpoiled` is called instead when its body has changed length. */
  push(frame: EncodedFrame, onSpoiled: () => void): void {
    this.#waiting.push({ frame, bodyBytes: frame.body.byteLength, onSpoiled });
    if (!this.#writing) this.#writeAll();
  }

  /** Everything that waits goes out in one `writev`. */
  #writeAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (!this.#pipe.writable) return;
    const whole = waiting.filter(({ frame, bodyBytes }) => frame.body.byteLength === bodyBytes);
    this.#pipe.cork();
    for (const { frame } of whole) {
      this.#writing = true;
      writeFrame(this.#pipe, frame, frame === whole.at(-1)?.frame ? () => this.#written() : undefined);
    }
    this.#pipe.uncork();
    for (const one of waiting) if (!whole.includes(one)) one.onSpoiled();
  }

  #written(): void {
    this.#writing = false;
    if (this.#waiting.length > 0) this.#writeAll();
  }
}
