/** Who worked on which video from when to when: written by those who do it, read when all is over. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/** Milliseconds on the machine's monotonic clock, which all its processes share. */
export const sharedNowMs = (): number => Number(process.hrtime.bigint()) / 1e6;

export type RunLine =
  | { readonly kind: 'accepted'; readonly id: string; readonly path: string }
  | { readonly kind: 'start' | 'end'; readonly path: string; readonly pid: number; readonly atMs: number }
  | { readonly kind: 'killed'; readonly pid: number; readonly atMs: number };

/** One write per line: what was written is there, whatever happens to the writer. */
export function writeLine(file: string, line: RunLine): void {
  appendFileSync(file, `${JSON.stringify(line)}\n`);
}

export function readLines(file: string): RunLine[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as RunLine);
}

interface Run {
  readonly path: string;
  readonly pid: number;
  readonly fromMs: number;
  /** Of a run whose process was killed: the moment of the kill. */
  toMs: number;
}

export function runsOf(lines: readonly RunLine[]): Run[] {
  const runs: Run[] = [];
  const open = new Set<Run>();
  for (const line of lines.toSorted((a, b) => at(a) - at(b))) {
    if (line.kind === 'accepted') continue;
    if (line.kind === 'start') {
      const run = { path: line.path, pid: line.pid, fromMs: line.atMs, toMs: Number.POSITIVE_INFINITY };
      runs.push(run);
      open.add(run);
      continue;
    }
    for (const run of open) {
      if (run.pid !== line.pid || (line.kind === 'end' && run.path !== line.path)) continue;
      run.toMs = line.atMs;
      open.delete(run);
    }
  }
  return runs;
}

/** Pairs of runs of one video that overlap. */
export function countOverlaps(runs: readonly Run[]): number {
  return runs.reduce(
    (count, run, index) =>
      count +
      runs
        .slice(index + 1)
        .filter(({ path, fromMs, toMs }) => path === run.path && fromMs < run.toMs && run.fromMs < toMs)
        .length,
    0,
  );
}

function at(line: RunLine): number {
  return line.kind === 'accepted' ? 0 : line.atMs;
}
