/**
 * The 16 bytes in front of every frame.
 *
 *   0        1        2        3        4                 8                 12                16
 *  +--------+--------+--------+--------+-----------------+-----------------+-----------------+
 *  |  0xF7  |0xD0|maj|  type  | flags  |     id u32      |  meta_len u32   |  body_len u32   |  big-endian
 *  +--------+--------+--------+--------+-----------------+-----------------+-----------------+
 */
import { HARD_BODY_BYTES, type Limits } from './limits.ts';
import { WireError } from './wire-error.ts';

export const HEADER_BYTES = 16;
/** Never occurs in UTF-8, so stray text is caught at byte 0. */
export const MAGIC = 0xf7;
/** The protocol major spoken here. */
export const MAJOR = 1;
/** The last message of this id. */
export const FLAG_END = 1;
/** Meta is JSON instead of msgpack. */
export const FLAG_META_IS_JSON = 2;
/** A receiver ignores a type with this bit that it does not know. */
export const OPTIONAL_TYPE_BIT = 0x80;
export const CONNECTION_ID = 0;
export const UNATTRIBUTABLE_ID = 0xffffffff;

const VERSION_BYTE = 0xd0;
const KNOWN_FLAGS = FLAG_END | FLAG_META_IS_JSON;

export const TYPE_CODES = {
  init: 1,
  request: 2,
  cancel: 3,
  ping: 4,
  drain: 5,
  hello: 16,
  progress: 17,
  ready: 18,
  init_failed: 19,
  part: 20,
  result: 21,
  error: 22,
  pong: 23,
  bye: 24,
} as const;

/** Types that have a frame; `frame` (JSON lines only) has none. */
export type FrameType = keyof typeof TYPE_CODES;

const TYPE_NAMES: ReadonlyMap<number, FrameType> = new Map(
  Object.entries(TYPE_CODES).map(([name, code]) => [code, name as FrameType]),
);
/** Readable across majors, so their major is not checked. */
const HANDSHAKE_TYPES: ReadonlySet<FrameType | undefined> = new Set([
  'hello',
  'init',
  'init_failed',
] as const);

export interface Header {
  readonly typeCode: number;
  /** Undefined for a type this side does not know. */
  readonly type: FrameType | undefined;
  readonly flags: number;
  readonly id: number;
  readonly metaBytes: number;
  readonly bodyBytes: number;
  readonly major: number;
}

/** Writes a header at the start of `target`. */
export function packHeader(
  target: Uint8Array,
  header: Pick<Header, 'typeCode' | 'flags' | 'id' | 'metaBytes' | 'bodyBytes'>,
): void {
  const view = new DataView(target.buffer, target.byteOffset, HEADER_BYTES);
  view.setUint8(0, MAGIC);
  view.setUint8(1, VERSION_BYTE | MAJOR);
  view.setUint8(2, header.typeCode);
  view.setUint8(3, header.flags);
  view.setUint32(4, header.id);
  view.setUint32(8, header.metaBytes);
  view.setUint32(12, header.bodyBytes);
}

/** Reads 16 bytes as a header. Says nothing of type, major or lengths: `checkHeader` does. */
export function unpackHeader(data: Uint8Array): Header {
  const view = new DataView(data.buffer, data.byteOffset, HEADER_BYTES);
  const version = view.getUint8(1);
  if (view.getUint8(0) !== MAGIC || (version & 0xf0) !== VERSION_BYTE) throw badMagic(data);
  const typeCode = view.getUint8(2);
  return {
    typeCode,
    type: TYPE_NAMES.get(typeCode),
    flags: view.getUint8(3),
    id: view.getUint32(4),
    metaBytes: view.getUint32(8),
    bodyBytes: view.getUint32(12),
    major: version & 0x0f,
  };
}

/** Refuses a header this side must not follow, before anything is allocated. */
export function checkHeader(header: Header, limits: Limits, majors: readonly number[]): void {
  if (header.type === undefined && !(header.typeCode & OPTIONAL_TYPE_BIT)) {
    throw new WireError(
      'UnknownType',
      `frame type ${header.typeCode} is not known and not optional (bit 7 is clear)`,
    );
  }
  if (!HANDSHAKE_TYPES.has(header.type) && !majors.includes(header.major)) {
    throw new WireError(
      'BadMajor',
      `frame has protocol major ${header.major}, this side speaks [${majors.join(', ')}]`,
    );
  }
  if (header.flags & ~KNOWN_FLAGS) {
    throw new WireError('ReservedFlags', `flags must be within 0x03, got 0x${header.flags.toString(16)}`);
  }
  checkSize('meta', header.metaBytes, limits.metaBytes);
  checkSize('body', header.bodyBytes, Math.min(limits.bodyBytes, HARD_BODY_BYTES));
}

/** Refuses a part of a frame over its limit. */
export function checkSize(part: 'meta' | 'body', bytes: number, limit: number): void {
  if (bytes > limit) {
    throw new WireError('FrameTooLarge', `${part} of ${bytes} bytes is over the limit of ${limit}`);
  }
}

/** What a stream that is no frame looks like, in hex and as text: usually somebody printed to it. */
export function badMagic(data: Uint8Array): WireError {
  const shown = Buffer.from(data.subarray(0, 64));
  const text = JSON.stringify(shown.toString('latin1'));
  return new WireError(
    'BadMagic',
    `a frame starts with f7 d${MAJOR}, got ${shown.toString('hex', 0, 16)} (${text})`,
  );
}
