/** Daemons give way: a core that both want goes to the host, which answers everybody, before those who compute. */
import { readdir, writeFile } from 'node:fs/promises';
import { constants, getPriority, setPriority } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

/** Linux takes one change of a session's priority in this many milliseconds, all users' but root's together. */
const SESSION_PAUSE_MS = 120;
const SESSION_TRIES = 10;
const THREAD_ROUNDS = 10;

/** What a test may stand in for. */
export interface PrioritySystem {
  readonly getPriority: (pid?: number) => number;
  readonly setPriority: (pid: number, priority: number) => void;
  /** Numbers of a process's threads; Linux only. */
  readonly threads: (pid: number) => Promise<readonly number[]>;
  readonly writeFile: (file: string, text: string) => Promise<void>;
  readonly isLinux: boolean;
}

const SYSTEM: PrioritySystem = {
  getPriority,
  setPriority,
  threads: async (pid) => (await readdir(`/proc/${pid}/task`)).map(Number),
  writeFile,
  isLinux: process.platform === 'linux',
};

/**
 * Lower the priority of a process that was just started, relative to this one. Resolves to why it could not be done,
 * or null. Never throws.
 *
 * @param niceness Steps below this process, 0 to 19.
 */
export async function lowerPriority(
  pid: number,
  niceness: number,
  system: PrioritySystem = SYSTEM,
): Promise<string | null> {
  if (niceness === 0) return null;
  try {
    const priority = Math.min(system.getPriority() + niceness, constants.priority.PRIORITY_LOW);
    system.setPriority(pid, priority);
    if (system.isLinux) {
      await lowerThreads(pid, priority, system);
      await lowerSession(pid, priority, system);
    }
    return null;
  } catch (error) {
    return isGone(error) ? null : (error as Error).message;
  }
}

/** On Linux a process's priority is that of its first thread; those it has started by now have the old one. */
async function lowerThreads(pid: number, priority: number, system: PrioritySystem): Promise<void> {
  for (let round = 0; round < THREAD_ROUNDS; round += 1) {
    let all = true;
    for (const thread of await system.threads(pid)) {
      try {
        if (system.getPriority(thread) >= priority) continue;
        system.setPriority(thread, priority);
        all = false;
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    }
    if (all) return; // whoever is started from now on inherits it
  }
}

/**
 * A daemon leads a session of its own, and where the kernel groups tasks by session (sched_autogroup_enabled), priorities
 * count within a session only; between sessions counts this. Source: sched(7).
 */
async function lowerSession(pid: number, priority: number, { writeFile }: PrioritySystem): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await writeFile(`/proc/${pid}/autogroup`, String(priority));
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return; // a kernel without such groups, or a process that has ended
      if (code !== 'EAGAIN' || tries === SESSION_TRIES) throw error;
      await delay(SESSION_PAUSE_MS, undefined, { ref: false });
    }
  }
}

/** A process that has ended: that is told elsewhere. Errors of `node:os` have the system's code inside. */
function isGone(error: unknown): boolean {
  const { code, info } = error as NodeJS.ErrnoException & { info?: { code?: string } };
  return ['ESRCH', 'ENOENT'].includes(info?.code ?? code ?? '');
}
