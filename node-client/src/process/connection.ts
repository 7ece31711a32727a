/** Messages to and from one child process. */
import { afterReading, type Clock, type Timer } from '../clock.ts';
import { PoseError } from '../errors.ts';
import { FrameReader } from '../wire/frame-reader.ts';
import { type EncodedFrame, encodeFrame } from '../wire/frame-writer.ts';
import type { ClientMessage, DaemonMessage, FrameMessage } from '../wire/generated/messages.ts';
import { DEFAULT_LIMITS, type Limits } from '../wire/limits.ts';
import { parseDaemonMessage } from '../wire/messages.ts';
import { WireError } from '../wire/wire-error.ts';
import type { Child } from './child.ts';
import { type Fate, Outbox } from './outbox.ts';

/** Milliseconds without a byte in the middle of a frame, after which the rest is not waited for. */
export const PARTIAL_FRAME_MS = 10_000;

/** What a client says in frames; `frame` is for JSON lines. */
export type Outbound = Exclude<ClientMessage, FrameMessage>;

/** Whoever listens to the daemon at the moment: the handshake, then the daemon's own class. */
export interface Listener {
  onMessage(message: DaemonMessage, body: Uint8Array<ArrayBuffer>): void;
  /** The bytes are not this protocol; nothing after them can be trusted. */
  onFault(fault: WireError): void;
}

export class Connection {
  /** Set before the first byte can arrive, that is in the tick in which the connection is made. */
  listener!: Listener;
  /** JSON until READY, for msgpack itself may be the module that is missing. */
  jsonMeta = true;
  /** What the daemon accepts, once it said so. */
  limits: Limits = DEFAULT_LIMITS;
  readonly #outbox: Outbox;

  constructor(child: Pick<Child, 'stdin' | 'stdout'>, clock: Clock) {
    this.#outbox = new Outbox(child.stdin);
    const reader = new FrameReader(({ message, body }) => {
      this.listener.onMessage(parseDaemonMessage(message), body);
    });
    let stall: Timer | null = null;
    const guarded = (step: () => void) => {
      try {
        step();
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        child.stdout.removeListener('data', take).resume();
        this.listener.onFault(error);
      }
    };
    const stalled = () => {
      throw new WireError(
        'FrameTruncated',
        `nothing came for ${PARTIAL_FRAME_MS} ms in the middle of a frame`,
      );
    };
    const take = (chunk: Buffer) => {
      stall?.cancel();
      guarded(() => {
        reader.push(chunk);
        if (reader.midFrame) stall = afterReading(clock, PARTIAL_FRAME_MS, () => guarded(stalled));
      });
    };
    child.stdout.on('data', take);
    child.stdout.once('end', () => guarded(() => reader.end()));
    child.stdout.once('close', () => stall?.cancel());
  }

  /** Write a message as soon as the pipe is free. Throws FRAME_TOO_LARGE or INVALID_REQUEST before anything is written. */
  send(message: Outbound, body?: Uint8Array, fate: Fate = {}): void {
    this.#outbox.push(this.#encode(message, body), fate);
  }

  #encode(message: Outbound, body?: Uint8Array): EncodedFrame {
    try {
      return encodeFrame(message, body, { jsonMeta: this.jsonMeta, limits: this.limits });
    } catch (cause) {
      if (!(cause instanceof WireError)) throw cause;
      if (cause.fault !== 'FrameTooLarge') throw new PoseError('INVALID_REQUEST', cause.message, { cause });
      const hint = 'Compress or scale the image down, or pass its path.';
      throw new PoseError('FRAME_TOO_LARGE', cause.message, { cause, hint });
    }
  }
}
