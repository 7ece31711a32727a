/** Width and height of a JPEG, PNG or WebP, from its head, so that a small file of many pixels is refused unopened. */
import { Refusal } from '../http/refusal.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Throws IMAGE_TOO_LARGE. What it does not know, the daemon decodes within limits of its own. */
export function checkPixels(bytes: Uint8Array, maxPixels: number): void {
  const size = imageSize(bytes);
  if (size === null || size.width * size.height <= maxPixels) return;
  throw new Refusal(
    'IMAGE_TOO_LARGE',
    `the image has ${size.width}x${size.height} pixels, the limit is ${maxPixels} in all`,
    { hint: 'Send a smaller image, or raise maxPixels.' },
  );
}

/** Null for other formats, and for a head that is cut off. */
export function imageSize(bytes: Uint8Array): Size | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    if (view.getUint32(0) === PNG) return { width: view.getUint32(16), height: view.getUint32(20) };
    if (view.getUint16(0) === JPEG_START) return jpegSize(view);
    if (view.getUint32(0) === RIFF && view.getUint32(8) === WEBP) return webpSize(view);
    return null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

const PNG = 0x89504e47;
const JPEG_START = 0xffd8;
const RIFF = 0x52494646;
const WEBP = 0x57454250;

/** Start-of-frame markers hold the size; DHT, JPG and DAC lie in the same range and do not. */
const NO_FRAME: ReadonlySet<number> = new Set([0xc4, 0xc8, 0xcc]);

function jpegSize(view: DataView): Size | null {
  let at = 2;
  while (view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at += 1; // fill
      continue;
    }
    if (marker >= 0xc0 && marker <= 0xcf && !NO_FRAME.has(marker)) {
      return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    }
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}

function webpSize(view: DataView): Size | null {
  const kind = view.getUint32(12);
  if (kind === 0x56503858) return { width: 1 + uint24(view, 24), height: 1 + uint24(view, 27) }; // VP8X
  if (kind === 0x56503820) {
    return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff }; // VP8
  }
  if (kind !== 0x5650384c) return null; // VP8L
  const bits = view.getUint32(21, true);
  return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
}

function uint24(view: DataView, at: number): number {
  return view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
}
