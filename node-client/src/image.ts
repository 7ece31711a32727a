/** What a caller may pass as an image, turned into the parameters and the body of a request. */
import { resolve } from 'node:path';
import { PoseError } from './errors.ts';
import type { EstimateParams } from './wire/generated/messages.ts';

/** Bytes per pixel of the uncompressed formats. */
const RAW_FORMATS = { rgb24: 3, bgr24: 3, gray8: 1 } as const;

export type RawFormat = keyof typeof RAW_FORMATS;

/** Uncompressed pixels: rows from the top, tightly packed. */
export interface RawImage {
  readonly data: Uint8Array;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  readonly format: RawFormat;
}

/**
 * Bytes of a JPEG, PNG or WebP file; a path of such a file, read by the daemon; or uncompressed pixels.
 * Bytes are not copied, unless their buffer is resizable: leave them alone until the call settles.
 */
export type ImageInput = Uint8Array | string | RawImage;

/** An image as a request carries it. */
export interface RequestImage {
  readonly params: EstimateParams;
  readonly body: Uint8Array;
}

const NO_BODY = new Uint8Array(0);
/** Of a value that is no image. */
const SHOWN_CHARACTERS = 60;

/** Check an image at the edge and turn it into a request. Throws INVALID_REQUEST. */
export function toRequestImage(image: ImageInput): RequestImage {
  if (typeof image === 'string') {
    if (image === '') throw invalid('the image path is empty', 'Pass the path of a file.');
    return { params: { path: resolve(image) }, body: NO_BODY };
  }
  if (image instanceof Uint8Array) {
    if (image.length === 0) throw invalid('the image has no bytes');
    return { params: {}, body: ofFixedLength(image) };
  }
  if (image === null || typeof image !== 'object' || !('data' in image)) {
    throw invalid(`an image must be bytes, a path or raw pixels, got ${describe(image)}`);
  }
  return rawImage(image);
}

function rawImage({ data, width, height, format }: RawImage): RequestImage {
  if (!(data instanceof Uint8Array)) throw invalid(`image.data must be a Uint8Array, got ${describe(data)}`);
  if (!Object.hasOwn(RAW_FORMATS, format)) {
    throw invalid(
      `image.format must be one of ${Object.keys(RAW_FORMATS).join(', ')}, got ${describe(format)}`,
      'Pass the bytes of a JPEG, PNG or WebP file directly, without width and height.',
    );
  }
  for (const [name, size] of Object.entries({ width, height })) {
    if (!Number.isInteger(size) || size < 1) {
      throw invalid(`image.${name} must be a positive integer, got ${describe(size)}`);
    }
  }
  const expected = width * height * RAW_FORMATS[format];
  if (data.length !== expected) {
    throw invalid(`${width}x${height} ${format} takes ${expected} bytes, got ${data.length}`);
  }
  return { params: { format, width, height }, body: ofFixedLength(data) };
}

/** A frame announces its length before its bytes are written, so bytes that may grow or shrink meanwhile are copied. */
function ofFixedLength(bytes: Uint8Array): Uint8Array {
  const { buffer } = bytes;
  const mayChange = buffer instanceof SharedArrayBuffer ? buffer.growable : buffer.resizable;
  return mayChange ? new Uint8Array(bytes) : bytes;
}

/** The caller transferred the buffer to somebody else before it was on its way. */
export function imageTakenAway(announced: number, left: number): PoseError {
  return invalid(
    `the image had ${announced} bytes when estimate was called and ${left} when they were to be sent`,
    'Leave the buffer alone until the call settles, or pass a copy.',
  );
}

function invalid(sentence: string, hint?: string): PoseError {
  return new PoseError('INVALID_REQUEST', sentence, { hint });
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object') return `${typeof value} ${String(value).slice(0, SHOWN_CHARACTERS)}`;
  return `an object of class ${Object.getPrototypeOf(value)?.constructor?.name ?? 'null'}`;
}
