/** Memory of a GPU, before another daemon is started on it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { hasRoom, type MemoryNeeds } from './admission.ts';

/** A driver that hangs must not hold up a start. */
const LIMIT_MS = 5_000;
const QUERY = ['--query-gpu=memory.free', '--format=csv,noheader,nounits'];

/** Whether a GPU has room for one more daemon, as the driver saw it last. */
export class GpuMemory {
  readonly #free: (device: string) => Promise<number | null>;
  #device = '';
  #peakBytes = 0;
  #freeBytes: number | null = null;
  #looking: Promise<void> | null = null;

  /** `free` tells the bytes that a device has left, or null. */
  constructor(free: (device: string) => Promise<number | null> = freeGpuBytes) {
    this.#free = free;
  }

  /** A daemon has held as many bytes on this device. */
  remember(device: string, bytes: number): void {
    this.#device = device;
    this.#peakBytes = Math.max(this.#peakBytes, bytes);
  }

  /** Has any daemon held memory on a GPU? */
  get isUsed(): boolean {
    return this.#peakBytes > 0;
  }

  /** Ask the driver; one question at a time. */
  look(): Promise<void> {
    this.#looking ??= this.#free(this.#device).then((bytes) => {
      this.#freeBytes = bytes;
      this.#looking = null;
    });
    return this.#looking;
  }

  /** Of one more daemon; null where nothing is known. While there is no room the driver is asked for the next time. */
  needs(starting: number): MemoryNeeds | null {
    if (!this.isUsed || this.#freeBytes === null) return null;
    const needs: MemoryNeeds = {
      of: 'GPU memory',
      availableBytes: this.#freeBytes,
      peakBytes: this.#peakBytes,
      starting,
    };
    if (!hasRoom(needs)) void this.look();
    return needs;
  }
}

/** Prints one line of MiB per GPU. */
export type GpuQuery = () => Promise<string>;

/** Bytes that are free on the GPU a daemon named in READY (`cuda:1`); null where that cannot be found out. */
export async function freeGpuBytes(device: string, query: GpuQuery = askDriver): Promise<number | null> {
  const index = gpuIndex(device);
  if (index === null) return null;
  try {
    const mebibytes = Number((await query()).trim().split('\n')[index]);
    return Number.isFinite(mebibytes) ? mebibytes * 1024 * 1024 : null;
  } catch {
    return null; // no driver, or none that answers: the start itself will tell
  }
}

/** Number of the GPU; null for any other device. */
export function gpuIndex(device: string): number | null {
  const found = /^cuda(?::(\d+))?$/.exec(device);
  return found === null ? null : Number(found[1] ?? 0);
}

async function askDriver(): Promise<string> {
  const { stdout } = await promisify(execFile)('nvidia-smi', QUERY, { timeout: LIMIT_MS });
  return stdout;
}
