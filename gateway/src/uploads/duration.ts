/** How long a video says it is, from its head: MP4 and MOV (`mvhd`), AVI (`avih`). */
import { type FileHandle, open } from 'node:fs/promises';
import { Refusal } from '../http/refusal.ts';
import { SNIFF_BYTES, sniffVideo } from './sniff.ts';

/** Boxes looked at before a file counts as unknown. */
const MAX_BOXES = 1_000;
const BOX_HEAD_BYTES = 16;
const MVHD_BYTES = 32;

/** Throws VIDEO_UNREADABLE when the content is no video, VIDEO_TOO_LONG when it says that it is longer than the limit. */
export async function checkVideo(path: string, maxDurationS: number): Promise<void> {
  const file = await open(path, 'r');
  try {
    const container = sniffVideo(await read(file, 0, SNIFF_BYTES));
    if (container === null) {
      throw new Refusal('VIDEO_UNREADABLE', `Video file cannot be read: ${path}: its content is no video`, {
        hint: 'Give an MP4, MOV, MKV, WebM or AVI file.',
      });
    }
    const durationS =
      container === 'mp4' || container === 'mov' ? await movieS(file) : await aviS(file, container);
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
async function movieS(file: FileHandle): Promise<number | null> {
  const { size } = await file.stat();
  let at = 0;
  let end = size;
  for (let boxes = 0; boxes < MAX_BOXES && at + 8 <= end; boxes += 1) {
    const head = await read(file, at, BOX_HEAD_BYTES);
    if (head.length < 8) return null;
    const name = head.toString('latin1', 4, 8);
    const short = head.readUInt32BE(0);
    const isLong = short === 1 && head.length === BOX_HEAD_BYTES;
    const bytes = isLong ? Number(head.readBigUInt64BE(8)) : short === 0 ? end - at : short;
    const start = at + (isLong ? BOX_HEAD_BYTES : 8);
    if (bytes < start - at) return null;
    if (name === 'mvhd') return mvhdS(await read(file, start, MVHD_BYTES));
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
async function aviS(file: FileHandle, container: string): Promise<number | null> {
  if (container !== 'avi') return null;
  const head = await read(file, 0, 56);
  if (head.length < 56 || head.toString('latin1', 24, 28) !== 'avih') return null;
  return (head.readUInt32LE(32) / 1e6) * head.readUInt32LE(48);
}

async function read(file: FileHandle, at: number, bytes: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, at);
  return buffer.subarray(0, bytesRead);
}
