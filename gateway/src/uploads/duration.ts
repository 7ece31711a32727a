/** How long a video says it is, from its head: MP4 and MOV (`mvhd`), AVI (`avih`). Of others the frames are counted later. */
import { type FileHandle, open } from 'node:fs/promises';
import { Refusal } from '../http/refusal.ts';
import { SNIFF_BYTES, sniffVideo } from './sniff.ts';

/** Read at once: in most files all that is looked at stands together. */
const WINDOW_BYTES = 64 * 1024;
/** Boxes looked at before a file counts as unknown. */
const MAX_BOXES = 1_000;
const BOX_HEAD_BYTES = 16;
const MVHD_BYTES = 32;
const AVIH_END_BYTES = 56;

/** Throws VIDEO_UNREADABLE when the content is no video, VIDEO_TOO_LONG when it says that it is longer than the limit. */
export async function checkVideo(path: string, maxDurationS: number): Promise<void> {
  const file = await open(path, 'r');
  try {
    const window = new Window(file);
    const container = sniffVideo(await window.read(0, SNIFF_BYTES));
    if (container === null) {
      throw new Refusal('VIDEO_UNREADABLE', `Video file cannot be read: ${path}: its content is no video`, {
        hint: 'Give an MP4, MOV, MKV, WebM or AVI file.',
      });
    }
    const isMovie = container === 'mp4' || container === 'mov';
    const durationS = isMovie ? await movieS(file, window) : container === 'avi' ? await aviS(window) : null;
    if (durationS !== null && durationS > maxDurationS) {
      throw new Refusal(
        'VIDEO_TOO_LONG',
        `the video lasts ${Math.round(durationS)} s, the limit is ${maxDurationS} s`,
        {
          hint: 'Cut it, or raise maxDurationS.',
        },
      );
    }
  } finally {
    await file.close();
  }
}

/** Null where the file does not say; then the limits on the work itself hold. */
async function movieS(file: FileHandle, window: Window): Promise<number | null> {
  const { size } = await file.stat();
  let at = 0;
  let end = size;
  for (let boxes = 0; boxes < MAX_BOXES && at + 8 <= end; boxes += 1) {
    const head = await window.read(at, BOX_HEAD_BYTES);
    if (head.length < 8) return null;
    const name = head.toString('latin1', 4, 8);
    const short = head.readUInt32BE(0);
    const isLong = short === 1 && head.length === BOX_HEAD_BYTES;
    const bytes = isLong ? Number(head.readBigUInt64BE(8)) : short === 0 ? end - at : short;
    const start = at + (isLong ? BOX_HEAD_BYTES : 8);
    if (bytes < start - at) return null;
    if (name === 'mvhd') return mvhdS(await window.read(start, MVHD_BYTES));
    if (name === 'moov') {
      end = Math.min(end, at + bytes);
      at = start;
    } else at += bytes;
  }
  return null;
}

function mvhdS(box: Buffer): number | null {
  if (box.length < MVHD_BYTES) return null;
  const isLong = box[0] === 1;
  const scale = box.readUInt32BE(isLong ? 20 : 12);
  const duration = isLong ? Number(box.readBigUInt64BE(24)) : box.readUInt32BE(16);
  // All ones stand for "nobody knows".
  return scale === 0 || duration >= 0xffffffff ? null : duration / scale;
}

/** The main header stands at a fixed place. */
async function aviS(window: Window): Promise<number | null> {
  const head = await window.read(0, AVIH_END_BYTES);
  if (head.length < AVIH_END_BYTES || head.toString('latin1', 24, 28) !== 'avih') return null;
  return (head.readUInt32LE(32) / 1e6) * head.readUInt32LE(48);
}

/** Small pieces of a file, most of them out of one reading. */
class Window {
  readonly #file: FileHandle;
  #at = 0;
  #bytes = Buffer.alloc(0);

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Fewer bytes at the end of the file. */
  async read(at: number, bytes: number): Promise<Buffer> {
    if (at < this.#at || at + bytes > this.#at + this.#bytes.length) {
      const { buffer, bytesRead } = await this.#file.read(Buffer.alloc(WINDOW_BYTES), 0, WINDOW_BYTES, at);
      this.#at = at;
      this.#bytes = buffer.subarray(0, bytesRead);
    }
    return this.#bytes.subarray(at - this.#at, at - this.#at + bytes);
  }
}
