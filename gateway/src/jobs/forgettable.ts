/** Chooses the finished jobs that retention forgets, and the directories nobody refers to after that. */
import type { Retention } from './job.ts';

export interface FinishedJob {
  readonly id: string;
  readonly completedAtS: number;
  readonly result: { readonly directory: string; readonly bytes: number } | null;
}

export interface Forgettable {
  readonly ids: ReadonlySet<string>;
  readonly directories: readonly string[];
}

/** `finished` oldest first. Jobs may share a directory: it is counted once, and kept with the last of them. */
export function chooseForgettable(
  finished: readonly FinishedJob[],
  { maxAgeS, maxBytes, maxJobs }: Retention,
  nowS: number,
): Forgettable {
  const references = new Map<string, number>();
  let bytes = 0;
  for (const { result } of finished) {
    if (result === null) continue;
    const others = references.get(result.directory) ?? 0;
    if (others === 0) bytes += result.bytes;
    references.set(result.directory, others + 1);
  }
  const ids = new Set<string>();
  const directories: string[] = [];
  for (const { id, completedAtS, result } of finished) {
    const isOld = completedAtS < nowS - maxAgeS;
    const isMany = finished.length - ids.size > maxJobs;
    const isLarge = bytes > maxBytes && result !== null;
    if (!(isOld || isMany || isLarge)) continue;
    ids.add(id);
    if (result === null) continue;
    const others = (references.get(result.directory) ?? 1) - 1;
    references.set(result.directory, others);
    if (others > 0) continue;
    bytes -= result.bytes;
    directories.push(result.directory);
  }
  return { ids, directories };
}
