/** Frames of a result, fetched by range and kept in bounded memory: what was not looked at for longest goes first. */
import { bytesOf, type Frame } from './decode.ts';

export const CHUNK_FRAMES = 64;
export const MAX_BYTES = 64 * 1024 ** 2;
/** Requests at once. */
const MAX_LOADING = 3;
/** Milliseconds before a range that could not be had is asked for again. */
const RETRY_MS = 2_000;

export interface FrameCacheOptions {
  readonly total: number;
  /** Both ends included. */
  readonly load: (from: number, to: number, signal: AbortSignal) => Promise<readonly Frame[]>;
  /** Frames have come. */
  readonly onLoad: () => void;
  readonly onFailure: (failure: unknown) => void;
  readonly maxBytes?: number;
  readonly nowMs?: () => number;
}

interface Chunk {
  readonly frames: readonly Frame[];
  readonly bytes: number;
}

export class FrameCache {
  readonly #options: Required<FrameCacheOptions>;
  readonly #chunks = new Map<number, Chunk>();
  readonly #loading = new Set<number>();
  readonly #failedAtMs = new Map<number, number>();
  readonly #end = new AbortController();
  #wanted: readonly number[] = [];
  #bytes = 0;

  constructor(options: FrameCacheOptions) {
    this.#options = { maxBytes: MAX_BYTES, nowMs: () => performance.now(), ...options };
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The frame if it is here. It and those that follow in `direction` are fetched if they are not. */
  get(index: number, direction: 1 | -1 = 1): Frame | null {
    const number = Math.floor(index / CHUNK_FRAMES);
    const chunk = this.#chunks.get(number);
    if (chunk !== undefined) {
      this.#chunks.delete(number);
      this.#chunks.set(number, chunk); // the newest is last
    }
    this.#wanted = [number, number + direction, number + 2 * direction];
    this.#loadWanted();
    return chunk?.frames[index - number * CHUNK_FRAMES] ?? null;
  }

  close(): void {
    this.#end.abort();
    this.#chunks.clear();
    this.#bytes = 0;
  }

  #loadWanted(): void {
    const last = Math.ceil(this.#options.total / CHUNK_FRAMES) - 1;
    for (const number of this.#wanted) {
      if (this.#loading.size >= MAX_LOADING || this.#end.signal.aborted) return;
      const failedMs = this.#options.nowMs() - (this.#failedAtMs.get(number) ?? Number.NEGATIVE_INFINITY);
      const isThere = this.#chunks.has(number) || this.#loading.has(number);
      if (number < 0 || number > last || isThere || failedMs < RETRY_MS) continue;
      void this.#load(number);
    }
  }

  async #load(number: number): Promise<void> {
    const { load, total, onLoad, onFailure, nowMs } = this.#options;
    const from = number * CHUNK_FRAMES;
    this.#loading.add(number);
    try {
      const frames = await load(from, Math.min(from + CHUNK_FRAMES, total) - 1, this.#end.signal);
      if (this.#end.signal.aborted) return;
      this.#failedAtMs.delete(number);
      this.#keep(number, frames);
      onLoad();
    } catch (failure) {
      if (this.#end.signal.aborted) return;
      this.#failedAtMs.set(number, nowMs());
      onFailure(failure);
    } finally {
      this.#loading.delete(number);
      this.#loadWanted();
    }
  }

  #keep(number: number, frames: readonly Frame[]): void {
    const bytes = frames.reduce((sum, frame) => sum + bytesOf(frame), 0);
    this.#chunks.set(number, { frames, bytes });
    this.#bytes += bytes;
    for (const [oldest, chunk] of this.#chunks) {
      if (this.#bytes <= this.#options.maxBytes || oldest === number) return;
      this.#chunks.delete(oldest);
      this.#bytes -= chunk.bytes;
    }
  }
}
