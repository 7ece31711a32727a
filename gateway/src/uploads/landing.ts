/** Bytes of an upload on their way to a file: hashed, counted, looked at, and never more than a chunk of them in memory. */
import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Refusal } from '../http/refusal.ts';
import { JobError } from '../jobs/job-error.ts';
import { type Container, SNIFF_BYTES, sniffVideo } from './sniff.ts';

/** Files that are not whole yet. */
export const PART_PREFIX = '.incoming-';
/** Bytes that are left free, for the jobs and their results. */
const RESERVE_BYTES = 256 * 1024 ** 2;

export interface Landed {
  readonly path: string;
  /** Hex. */
  readonly sha256: string;
  readonly bytes: number;
}

export interface LandingOptions {
  readonly signal: AbortSignal;
  readonly maxBytes: number;
  /** As the client announced them; null where it did not. */
  readonly announcedBytes: number | null;
  /** A chunk has arrived. */
  readonly onChunk: () => void;
}

/**
 * Write a stream to `folder` under the digest of its content; the same content lands on the same file. Throws
 * VIDEO_UNREADABLE as soon as the content shows that it is no video, BODY_TOO_LARGE, STORE_UNAVAILABLE when the disk is
 * full.
 */
export async function land(source: Readable, folder: string, options: LandingOptions): Promise<Landed> {
  const part = join(folder, `${PART_PREFIX}${randomUUID()}`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await checkRoom(folder, options.announcedBytes ?? 0);
    const look = new Look(options);
    await pipeline(source, look, createWriteStream(part, { flags: 'wx', mode: 0o600 }), {
      signal: options.signal,
    });
    await persist(part);
    const path = join(folder, `${look.sha256}.${look.container}`);
    await rename(part, path);
    return { path, sha256: look.sha256, bytes: look.bytes };
  } catch (error) {
    await rm(part, { force: true }).catch(() => {}); // where nothing could be written there is nothing to remove
    throw options.signal.aborted ? options.signal.reason : translated(error as NodeJS.ErrnoException);
  }
}

class Look extends Transform {
  bytes = 0;
  container: Container | null = null;
  readonly #hash = createHash('sha256');
  readonly #options: LandingOptions;
  #head = Buffer.alloc(0);
  #sha256: string | null = null;

  constructor(options: LandingOptions) {
    super();
    this.#options = options;
  }

  /** Once the stream has ended. */
  get sha256(): string {
    this.#sha256 ??= this.#hash.digest('hex');
    return this.#sha256;
  }

  override _transform(
    chunk: Buffer,
    _: BufferEncoding,
    done: (error: Error | null, chunk?: Buffer) => void,
  ): void {
    const { onChunk, maxBytes } = this.#options;
    onChunk();
    this.bytes += chunk.length;
    if (this.bytes > maxBytes) {
      done(videoTooLarge(maxBytes));
      return;
    }
    this.#hash.update(chunk);
    if (this.container === null) {
      this.#head = Buffer.concat([this.#head, chunk.subarray(0, SNIFF_BYTES)]);
      this.container = sniffVideo(this.#head);
      if (this.container === null && this.#head.length >= SNIFF_BYTES) {
        done(noVideo());
        return;
      }
    }
    done(null, chunk);
  }

  override _flush(done: (error: Error | null) => void): void {
    done(this.container === null ? noVideo() : null);
  }
}

/** What was accepted must be there after a power cut. */
async function persist(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function checkRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free < bytes + RESERVE_BYTES)
    throw noRoom(`${free} bytes are free, ${bytes + RESERVE_BYTES} are needed`);
}

const DISK_CODES: ReadonlySet<string> = new Set([
  'ENOSPC',
  'EDQUOT',
  'EFBIG',
  'EROFS',
  'EACCES',
  'EPERM',
  'EIO',
  'EMFILE',
  'ENFILE',
  'ENOENT',
  'ENOTDIR',
  'EEXIST',
]);

function translated(error: NodeJS.ErrnoException): Error {
  return DISK_CODES.has(error.code ?? '') ? noRoom(error.message, error) : error;
}

function noRoom(reason: string, cause?: Error): JobError {
  return new JobError('STORE_UNAVAILABLE', `the upload cannot be kept: ${reason}`, {
    hint: 'Free space in dataDir, or make it writable.',
    cause,
  });
}

export function videoTooLarge(maxBytes: number): Refusal {
  return new Refusal('BODY_TOO_LARGE', `the video is over the limit of ${maxBytes} bytes`, {
    hint: 'Send a smaller file, or raise maxUploadBytes.',
  });
}

function noVideo(): Refusal {
  return new Refusal('VIDEO_UNREADABLE', 'the content of the file is no video this service knows', {
    hint: 'Send MP4, MOV, MKV, WebM or AVI.',
  });
}
