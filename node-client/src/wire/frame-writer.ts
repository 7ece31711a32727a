/** Messages to bytes. The body is passed through, never copied. */
import { encode } from '@msgpack/msgpack';
import {
  CONNECTION_ID,
  checkSize,
  FLAG_END,
  FLAG_META_IS_JSON,
  type FrameType,
  HEADER_BYTES,
  packHeader,
  TYPE_CODES,
  UNATTRIBUTABLE_ID,
} from './header.ts';
import { DEFAULT_LIMITS, HARD_BODY_BYTES, type Limits } from './limits.ts';
import { checkSendable } from './plain.ts';

const NO_BODY = new Uint8Array(0);

/** A message that has a frame: its type and id go into the header, the rest into meta. */
export interface SendableMessage {
  readonly type: FrameType;
  /** Absent: the connection itself. Null: tied to no request. */
  readonly id?: number | null;
}

export interface EncodeOptions {
  /** JSON meta; required until READY. Default false (msgpack). */
  readonly jsonMeta?: boolean;
  readonly limits?: Limits;
}

export interface EncodedFrame {
  /** Header and meta. */
  readonly head: Uint8Array;
  /** The caller's own bytes: they must not change until they are written. */
  readonly body: Uint8Array;
}

/**
 * Encodes one message. Throws WireError `FrameTooLarge` or `NotPlain` before anything is written, so the connection
 * is unharmed.
 */
export function encodeFrame(
  message: SendableMessage,
  body: Uint8Array = NO_BODY,
  { jsonMeta = false, limits = DEFAULT_LIMITS }: EncodeOptions = {},
): EncodedFrame {
  const { type, id = CONNECTION_ID, ...meta } = message;
  checkSendable(meta, limits.depth);
  const encoded = jsonMeta ? Buffer.from(JSON.stringify(meta)) : encode(meta, { ignoreUndefined: true });
  checkSize('meta', encoded.byteLength, limits.metaBytes);
  checkSize('body', body.byteLength, Math.min(limits.bodyBytes, HARD_BODY_BYTES));
  const ends = type === 'result' || (type === 'error' && id !== null);
  const head = Buffer.allocUnsafe(HEADER_BYTES + encoded.byteLength);
  packHeader(head, {
    typeCode: TYPE_CODES[type],
    flags: (jsonMeta ? FLAG_META_IS_JSON : 0) | (ends ? FLAG_END : 0),
    id: id ?? UNATTRIBUTABLE_ID,
    metaBytes: encoded.byteLength,
    bodyBytes: body.byteLength,
  });
  head.set(encoded, HEADER_BYTES);
  return { head, body };
}

/** What `writeFrame` needs of a stream. */
export interface FrameSink {
  cork(): void;
  uncork(): void;
  write(chunk: Uint8Array, onWritten?: () => void): boolean;
}

/**
 * Writes head and body as one `writev`. False: wait for `drain` before the next one. `onWritten` is called when the
 * system has taken all of it, or never will.
 */
export function writeFrame(sink: FrameSink, { head, body }: EncodedFrame, onWritten?: () => void): boolean {
  const alone = body.byteLength === 0;
  sink.cork();
  let more = sink.write(head, alone ? onWritten : undefined);
  if (!alone) more = sink.write(body, onWritten);
  sink.uncork();
  return more;
}
