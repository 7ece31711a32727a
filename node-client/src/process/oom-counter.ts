/** The kernel's own count of processes it killed because memory ran out: what SIGKILL alone does not tell. */
import { readFileSync } from 'node:fs';

/** Of this control group, then of the whole machine. Linux only. */
const COUNTERS = [
  { file: '/sys/fs/cgroup/memory.events', line: /^oom_kill (\d+)$/m },
  { file: '/proc/vmstat', line: /^oom_kill (\d+)$/m },
] as const;

/** The kernel's count so far; null where it keeps none that can be read. */
export function oomKills(read: (file: string) => string = readText): number | null {
  for (const { file, line } of COUNTERS) {
    try {
      const found = line.exec(read(file));
      if (found) return Number(found[1]);
    } catch {
      // Not there: not Linux, or another kind of control group.
    }
  }
  return null;
}

function readText(file: string): string {
  return readFileSync(file, 'utf8');
}
