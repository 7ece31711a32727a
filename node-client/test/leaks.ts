/** After a test no process of its own may live and no handle may keep Node awake. */
import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, expect, onTestFinished, vi } from 'vitest';

/** What a child process holds; timers are left out, for the test runner has its own. */
const HANDLES = ['ProcessWrap', 'PipeWrap'];

/** Does this process still run? One that only waits for its parent to look at its exit code does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Call first in a test that starts processes: at its end no new child and no new handle may be there. */
export function checkLeaks(): void {
  onTestFinished(watchForLeaks());
}

/** Call in a group whose tests run at once, because they mostly wait: the check comes after the last of them. */
export function checkLeaksOfGroup(): void {
  beforeAll(() => watchForLeaks());
}

/** Returns the check that nothing was added since. */
function watchForLeaks(): () => Promise<void> {
  const handles = activeHandles();
  const children = childPids();
  return async () => {
    expect(newOnes(childPids(), children), 'processes left behind').toEqual([]);
    // A handle is closed a turn of the event loop after it was told to.
    await vi.waitFor(() => expect(newOnes(activeHandles(), handles), 'handles left behind').toEqual([]));
  };
}

/** What is in `now` more often than in `before`. */
function newOnes(now: readonly string[], before: readonly string[]): readonly string[] {
  const left = [...before];
  return now.filter((one) => {
    const at = left.indexOf(one);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** Processes that this one started and has not seen the end of. Linux only; elsewhere the handles must do. */
function childPids(): readonly string[] {
  if (process.platform !== 'linux') return [];
  const tasks = '/proc/self/task';
  return readdirSync(tasks).flatMap((task) =>
    readFileSync(`${tasks}/${task}/children`, 'utf8').trim().split(' ').filter(Boolean),
  );
}

function activeHandles(): readonly string[] {
  return process.getActiveResourcesInfo().filter((name) => HANDLES.includes(name));
}
