/** The folder of uploads: bounded in age and bytes, never emptied under a job that still needs its file. */
import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { PART_PREFIX } from './landing.ts';

/** Seconds after which a part is nobody's any more, beyond the longest upload. */
const PART_AGE_S = 2 * 3600;

export interface Bounds {
  readonly maxAgeS: number;
  readonly maxBytes: number;
  /** Real paths of files that jobs will read. */
  readonly inUse: ReadonlySet<string>;
  /** Epoch seconds. */
  readonly nowS: number;
}

/** A file was asked for again: its age begins anew. */
export async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now);
}

/** Drop what is too old, then the oldest until the rest fits. Returns the paths that were dropped. */
export async function pruneUploads(
  folder: string,
  { maxAgeS, maxBytes, inUse, nowS }: Bounds,
): Promise<string[]> {
  const files = (await facts(folder)).toSorted((a, b) => b.atS - a.atS);
  const dropped: string[] = [];
  let bytes = 0;
  for (const file of files) {
    bytes += file.bytes;
    const isOld = nowS - file.atS > (file.isPart ? PART_AGE_S : maxAgeS);
    if (inUse.has(file.path) || (!isOld && (file.isPart || bytes <= maxBytes))) continue;
    await rm(file.path, { force: true });
    bytes -= file.bytes;
    dropped.push(file.path);
  }
  return dropped;
}

async function facts(folder: string) {
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const known = await stat(path).catch(() => null);
      return known?.isFile()
        ? [{ path, bytes: known.size, atS: known.mtimeMs / 1000, isPart: name.startsWith(PART_PREFIX) }]
        : [];
    }),
  );
  return found.flat();
}
