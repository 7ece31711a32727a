/** Chooses the finished jobs that retention forgets, and the directories nobody refers to after that. */
import type { Retention } from './job.ts';

/** Jobs that are forgotten at once; the rest has its turn soon. */
export const FORGET_AT_ONCE = 500;

export interface FinishedJob {
  readonly id: string;
  readonly completedAtS: number;
  readonly result: { readonly directory: string; readonly bytes: number } | null;
}

/** All finished jobs together. */
export interface History {
  readonly jobs: number;
  /** Of their directories, each counted once. */
  readonly bytes: number;
  /** Jobs that refer to a directory. */
  readonly references: (directory: string) => number;
}

export interface Forgettable {
  readonly ids: ReadonlySet<string>;
  readonly directories: readonly string[];
}

/** `oldest` finished jobs, oldest first. Jobs may share a directory, which is kept with the last of them. */
export function chooseForgettable(
  oldest: readonly FinishedJob[],
  history: History,
  { maxAgeS, maxBytes, maxJobs }: Retention,
  nowS: number,
): Forgettable {
  let { bytes } = history;
  const left = new Map<string, number>();
  const ids = new Set<string>();
  const directories: string[] = [];
  for (const { id, completedAtS, result } of oldest) {
    const isOld = completedAtS < nowS - maxAgeS;
    const isMany = history.jobs - ids.size > maxJobs;
    const isLarge = bytes > maxBytes && result !== null;
    if (!(isOld || isMany || isLarge)) continue;
    ids.add(id);
    if (result === null) continue;
    const { directory } = result;
    const others = (left.get(directory) ?? history.references(directory)) - 1;
    left.set(directory, others);
    if (others > 0) continue;
    bytes -= result.bytes;
    directories.push(directory);
  }
  return { ids, directories };
}

/** The history that these jobs are. */
export function historyOf(finished: readonly FinishedJob[]): History {
  const references = new Map<string, number>();
  let bytes = 0;
  for (const { result } of finished) {
    if (result === null) continue;
    const others = references.get(result.directory) ?? 0;
    if (others === 0) bytes += result.bytes;
    references.set(result.directory, others + 1);
  }
  return { jobs: finished.length, bytes, references: (directory) => references.get(directory) ?? 0 };
}
