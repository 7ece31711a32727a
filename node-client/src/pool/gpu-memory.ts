/** Free memory of a GPU, before another daemon is started on it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A driver that hangs must not hold up a start. */
const LIMIT_MS = 5_000;
const QUERY = ['--query-gpu=memory.free', '--format=csv,noheader,nounits'];

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
