/** Frames on their way to a daemon: held until the pipe is free, and looked at once more before they are written. */
import type { Writable } from 'node:stream';
import { type EncodedFrame, writeFrame } from '../wire/frame-writer.ts';

/** What becomes of a frame. */
export interface Fate {
  /** Called instead of writing it when its body has another length by the time the pipe is free. */
  readonly onSpoiled?: () => void;
  /** Called when the pipe has taken all of it. */
  readonly onWritten?: () => void;
}

interface Waiting {
  readonly frame: EncodedFrame;
  /** As the header announces it. */
  readonly bodyBytes: number;
  readonly fate: Fate;
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

  push(frame: EncodedFrame, fate: Fate = {}): void {
    this.#waiting.push({ frame, bodyBytes: frame.body.byteLength, fate });
    if (!this.#writing) this.#writeAll();
  }

  /** Everything that waits goes out in one `writev`. */
  #writeAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (!this.#pipe.writable) return;
    const whole = waiting.filter(({ frame, bodyBytes }) => frame.body.byteLength === bodyBytes);
    this.#pipe.cork();
    const last = whole.at(-1);
    for (const one of whole) {
      this.#writing = true;
      const { onWritten } = one.fate;
      const written = () => {
        onWritten?.();
        if (one === last) this.#written();
      };
      writeFrame(this.#pipe, one.frame, one === last || onWritten ? written : undefined);
    }
    this.#pipe.uncork();
    if (whole.length === waiting.length) return;
    for (const one of waiting) if (!whole.includes(one)) one.fate.onSpoiled?.();
  }

  #written(): void {
    this.#writing = false;
    if (this.#waiting.length > 0) this.#writeAll();
  }
}
