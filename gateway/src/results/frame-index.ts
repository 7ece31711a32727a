/** Where the frames of a result stand in its poses.jsonl, so that a range is read without what is before it. */
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Skeleton } from 'pose-sidecar';
import { Refusal } from '../http/refusal.ts';

export const POSES_FILE = 'poses.jsonl';
/** Frames between two places that are remembered. */
export const STRIDE = 16;
const READ_BYTES = 256 * 1024;
/** Of the first line, which describes the result. */
const MAX_HEADER_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;

/** The first line of poses.jsonl, as far as it is used here. */
export interface ResultHeader {
  readonly skeleton: Skeleton;
  readonly [fact: string]: unknown;
}

export interface FrameIndex {
  readonly path: string;
  readonly header: ResultHeader;
  readonly frames: number;
  /** Byte offsets of the frames 0, STRIDE, 2 STRIDE, … */
  readonly offsets: readonly number[];
}

/** Read the file once. Throws RESULT_GONE when it is not there or is no such file. */
export async function indexFrames(directory: string): Promise<FrameIndex> {
  const path = join(directory, POSES_FILE);
  const offsets: number[] = [];
  let header: Buffer = Buffer.alloc(0);
  let lines = 0;
  let at = 0;
  const file = await open(path, 'r').catch(() => {
    throw resultGone(directory);
  });
  try {
    const chunk = Buffer.alloc(READ_BYTES);
    let { bytesRead } = await file.read(chunk, 0, READ_BYTES, 0);
    while (bytesRead > 0) {
      const bytes = chunk.subarray(0, bytesRead);
      if (lines === 0) header = Buffer.concat([header, bytes]);
      if (lines === 0 && header.length > MAX_HEADER_BYTES && !bytes.includes(NEWLINE))
        throw resultGone(directory);
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, end + 1)) {
        if (lines % STRIDE === 0) offsets.push(at + end + 1);
        lines += 1;
      }
      at += bytesRead;
      ({ bytesRead } = await file.read(chunk, 0, READ_BYTES, at));
    }
  } finally {
    await file.close();
  }
  if (lines === 0) throw resultGone(directory);
  const frames = lines - 1;
  return {
    path,
    header: JSON.parse(header.subarray(0, header.indexOf(NEWLINE)).toString('utf8')) as ResultHeader,
    frames,
    offsets: offsets.slice(0, Math.ceil(frames / STRIDE)),
  };
}

/** Indexes of the results that were read last. */
export class FrameIndexes {
  readonly #most: number;
  readonly #known = new Map<string, { readonly version: string; readonly index: Promise<FrameIndex> }>();

  constructor(most = 64) {
    this.#most = most;
  }

  /** Throws RESULT_GONE. */
  async of(directory: string): Promise<FrameIndex> {
    const version = await versionOf(directory);
    const known = this.#known.get(directory);
    const index = known?.version === version ? known.index : indexFrames(directory);
    this.#known.delete(directory);
    this.#known.set(directory, { version, index }); // the newest is last
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= this.#most) break;
      this.#known.delete(oldest);
    }
    try {
      return await index;
    } catch (error) {
      this.#known.delete(directory);
      throw error;
    }
  }
}

/** What tells a result's files from those that replace them. Throws RESULT_GONE. */
export async function versionOf(directory: string): Promise<string> {
  const facts = await stat(join(directory, POSES_FILE)).catch(() => {
    throw resultGone(directory);
  });
  return `${facts.ino}-${facts.size}-${facts.mtimeMs}`;
}

function resultGone(directory: string): Refusal {
  return new Refusal('RESULT_GONE', `the files of this result are not there any more: ${directory}`, {
    hint: 'Submit the video again.',
  });
}
