/** Bytes to messages, in time linear in the bytes: every part of a frame is filled in place, chunk by chunk. */
import {
  badMagic,
  CONNECTION_ID,
  checkHeader,
  FLAG_META_IS_JSON,
  type FrameType,
  HEADER_BYTES,
  type Header,
  MAGIC,
  MAJOR,
  UNATTRIBUTABLE_ID,
  unpackHeader,
} from './header.ts';
import { decodeJson } from './json-decode.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { decodeMsgpack } from './msgpack-decode.ts';
import { isMap, NotPlainError, type PlainMap } from './plain.ts';
import { WireError } from './wire-error.ts';

/** A message before it is checked against its schema: `parseDaemonMessage` does that. */
export type RawMessage = { readonly type: FrameType; readonly id?: number | null } & {
  readonly [key: string]: unknown;
};

export interface Frame {
  readonly message: RawMessage;
  /** In an ArrayBuffer of its own, from offset 0: views of any element size fit, and nothing else is kept alive. */
  readonly body: Uint8Array<ArrayBuffer>;
}

export interface FrameReaderOptions {
  readonly limits?: Limits;
  /** Protocol majors to accept outside the handshake. */
  readonly majors?: readonly number[];
}

type Part = 'header' | 'meta' | 'body' | 'skipped';

/** Cuts a byte stream into frames. A fault is thrown from `push` or `end` and ends the reader: the stream is lost. */
export class FrameReader {
  readonly #onFrame: (frame: Frame) => void;
  readonly #limits: Limits;
  readonly #majors: readonly number[];
  readonly #headerBytes = new Uint8Array(HEADER_BYTES);
  #part: Part = 'header';
  #target: Uint8Array = this.#headerBytes;
  #filled = 0;
  #skip = 0;
  #header: Header | undefined;
  #meta: Uint8Array | undefined;
  #fault: unknown;

  constructor(onFrame: (frame: Frame) => void, { limits, majors }: FrameReaderOptions = {}) {
    this.#onFrame = onFrame;
    this.#limits = limits ?? DEFAULT_LIMITS;
    this.#majors = majors ?? [MAJOR];
  }

  /** Has a frame begun that has not ended? Then silence means a stalled peer. */
  get midFrame(): boolean {
    return this.#part !== 'header' || this.#filled > 0;
  }

  /** Takes the next bytes of the stream and hands over every frame they complete, in order. */
  push(chunk: Uint8Array): void {
    if (this.#fault !== undefined) throw this.#fault;
    try {
      let at = 0;
      while (at < chunk.byteLength)
        at += this.#part === 'skipped' ? this.#pass(chunk, at) : this.#fill(chunk, at);
    } catch (error) {
      this.#fault = error;
      throw error;
    }
  }

  /** The stream ended. Throws `FrameTruncated` when it did so inside a frame. */
  end(): void {
    if (!this.midFrame || this.#fault !== undefined) return;
    const wanted = this.#part === 'skipped' ? this.#skip : this.#target.byteLength;
    this.#fault = new WireError(
      'FrameTruncated',
      `the stream ended after ${this.#filled} of ${wanted} ${this.#part} bytes`,
    );
    throw this.#fault;
  }

  #fill(chunk: Uint8Array, at: number): number {
    if (this.#part === 'header' && this.#filled === 0 && chunk[at] !== MAGIC)
      throw badMagic(chunk.subarray(at));
    const count = Math.min(this.#target.byteLength - this.#filled, chunk.byteLength - at);
    this.#target.set(chunk.subarray(at, at + count), this.#filled);
    this.#filled += count;
    if (this.#filled === this.#target.byteLength) this.#complete();
    return count;
  }

  #pass(chunk: Uint8Array, at: number): number {
    const count = Math.min(this.#skip - this.#filled, chunk.byteLength - at);
    this.#filled += count;
    if (this.#filled === this.#skip) this.#expect('header', this.#headerBytes);
    return count;
  }

  #complete(): void {
    if (this.#part === 'header') this.#beginFrame(unpackHeader(this.#headerBytes));
    else if (this.#part === 'meta') this.#beginBody(this.#target);
    else this.#deliver(this.#target as Uint8Array<ArrayBuffer>);
  }

  #beginFrame(header: Header): void {
    checkHeader(header, this.#limits, this.#majors);
    this.#header = header;
    if (header.type !== undefined) {
      this.#expect('meta', Buffer.allocUnsafe(header.metaBytes));
      if (header.metaBytes === 0) this.#complete();
      return;
    }
    this.#skip = header.metaBytes + header.bodyBytes;
    this.#expect(this.#skip === 0 ? 'header' : 'skipped', this.#headerBytes);
  }

  #beginBody(meta: Uint8Array): void {
    this.#meta = meta;
    const { bodyBytes } = this.#header as Header;
    // Not from Buffer's pool and not a view of the chunk: a caller may keep these bytes for long.
    this.#expect('body', bytesOfTheirOwn(bodyBytes));
    if (bodyBytes === 0) this.#complete();
  }

  #deliver(body: Uint8Array<ArrayBuffer>): void {
    const message = readMessage(this.#header as Header, this.#meta as Uint8Array, this.#limits.depth);
    this.#expect('header', this.#headerBytes);
    this.#onFrame({ message, body });
  }

  #expect(part: Part, target: Uint8Array): void {
    this.#part = part;
    this.#target = target;
    this.#filled = 0;
  }
}

function bytesOfTheirOwn(size: number): Uint8Array<ArrayBuffer> {
  const buffer = Buffer.allocUnsafeSlow(size);
  return new Uint8Array(buffer.buffer, buffer.byteOffset, size);
}

function readMessage(header: Header, data: Uint8Array, depth: number): RawMessage {
  const type = header.type as FrameType;
  const meta = readMeta(header, data, depth);
  if (header.id === CONNECTION_ID) return { type, ...meta };
  return { type, id: header.id === UNATTRIBUTABLE_ID ? null : header.id, ...meta };
}

function readMeta(header: Header, data: Uint8Array, depth: number): PlainMap {
  try {
    const meta = header.flags & FLAG_META_IS_JSON ? decodeJson(data, depth) : decodeMsgpack(data, depth);
    if (!isMap(meta)) throw new NotPlainError('a message must be a map');
    for (const key of ['type', 'id']) {
      if (Object.hasOwn(meta, key)) {
        throw new NotPlainError(`'${key}' travels in the header and must not stand in meta`);
      }
    }
    return meta;
  } catch (error) {
    if (!(error instanceof NotPlainError)) throw error;
    throw new WireError('MalformedMeta', `meta of ${header.type}: ${error.message}`);
  }
}
