/** Frames of a result, fetched by range and kept in bounded memory: what was not looked at for longest goes first. */
import { bytesOf, type Frame } from './decode.ts';

export const CHUNK_FRAMES = 8;
export const MAX_BYTES = 64 * 1024 ** 2;
/** Requests at once; browsers keep six connections, and the page has other questions too. */
export const MAX_LOADING = 4;
/** Chunks that are fetched before they are looked at: three seconds of most videos. */
const AHEAD = 12;
/** Chunks between two wishes that still follow each other: playing, stepping, a slow hand. */
const NEAR = 4;
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
  readonly #loading = new Map<number, Promise<void>>();
  readonly #failedAtMs = new Map<number, number>();
  readonly #end = new AbortController();
  #wanted: readonly number[] = [];
  #lastWanted = 0;
  #isNear = true;
  #bytes = 0;

  constructor(options: FrameCacheOptions) {
    this.#options = { maxBytes: MAX_BYTES, nowMs: () => performance.now(), ...options };
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The frame if it is here. */
  get(index: number): Frame | null {
    const number = chunkOf(index);
    const chunk = this.#chunks.get(number);
    if (chunk === undefined) return null;
    this.#chunks.delete(number);
    this.#chunks.set(number, chunk); // the newest is last
    return chunk.frames[index - number * CHUNK_FRAMES] ?? null;
  }

  /**
   * Fetch a frame, and those that follow in `direction` unless it is far from the one before: a hand that races along
   * needs what is under it. The wish before is forgotten, but for requests that are under way.
   */
  want(index: number, direction: 1 | -1 = 1): void {
    const number = chunkOf(index);
    if (number !== this.#lastWanted) this.#isNear = Math.abs(number - this.#lastWanted) <= NEAR;
    const count = this.#isNear ? AHEAD + 1 : 1;
    this.#lastWanted = number;
    this.#wanted = Array.from({ length: count }, (_, place) => number + place * direction);
    this.#loadWanted();
  }

  /** True when the frame is here or cannot be had; false when another was wanted before its turn came. */
  async untilLoaded(index: number): Promise<boolean> {
    this.want(index);
    const number = chunkOf(index);
    while (!this.#chunks.has(number) && !this.#end.signal.aborted) {
      const own = this.#loading.get(number);
      if (own !== undefined) await own;
      if (own !== undefined || this.#loading.size < MAX_LOADING) return true; // or it failed a moment ago
      await Promise.race(this.#loading.values());
      if (!this.#chunks.has(number) && !this.#wanted.includes(number)) return false;
    }
    return true;
  }

  close(): void {
    this.#end.abort();
    this.#chunks.clear();
    this.#bytes = 0;
  }

  #loadWanted(): void {
    const last = chunkOf(this.#options.total - 1);
    for (const number of this.#wanted) {
      if (this.#loading.size >= MAX_LOADING || this.#end.signal.aborted) return;
      const failedMs = this.#options.nowMs() - (this.#failedAtMs.get(number) ?? Number.NEGATIVE_INFINITY);
      const isThere = this.#chunks.has(number) || this.#loading.has(number);
      if (number < 0 || number > last || isThere || failedMs < RETRY_MS) continue;
      this.#loading.set(number, this.#load(number));
    }
  }

  async #load(number: number): Promise<void> {
    const { load, total, onLoad, onFailure, nowMs } = this.#options;
    const from = number * CHUNK_FRAMES;
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

function chunkOf(index: number): number {
  return Math.floor(index / CHUNK_FRAMES);
}
