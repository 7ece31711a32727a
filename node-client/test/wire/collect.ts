/** Feeds bytes to a reader and gathers what comes out: frames, then at most one fault. */
import { FrameReader, type FrameReaderOptions } from '../../src/wire/frame-reader.ts';
import { WireError } from '../../src/wire/wire-error.ts';

export interface Collected {
  frames: { message: Record<string, unknown>; body: string }[];
  fault?: string;
}

export function collect(chunks: Iterable<Uint8Array>, options: FrameReaderOptions = {}): Collected {
  const collected: Collected = { frames: [] };
  const reader = new FrameReader(({ message, body }) => {
    collected.frames.push({ message, body: Buffer.from(body).toString('hex') });
  }, options);
  try {
    for (const chunk of chunks) reader.push(chunk);
    reader.end();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    collected.fault = error.fault;
  }
  return collected;
}

/** Cuts bytes into pieces of one size, the last one shorter. */
export function* cut(data: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < data.byteLength; at += size) yield data.subarray(at, at + size);
}
