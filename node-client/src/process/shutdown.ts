/** The ladder down: drain, end of input, SIGTERM, SIGKILL. Each rung waits for the exit before the next. */
import type { Child } from './child.ts';

/** Between two rungs. */
export const RUNG_MS = 2_000;

export interface Farewell {
  /** Ask the daemon to finish what runs. */
  readonly drain: () => void;
  /** The daemon has finished. */
  readonly bye: Promise<void>;
}

/** Ends a daemon in at most `drainMs` + 3 rungs and a little. Resolves when the process is gone. */
export async function shutDown(child: Child, { drain, bye }: Farewell, drainMs: number): Promise<void> {
  if (drainMs > 0 && !child.gone) {
    drain();
    await Promise.race([bye, exits(child, drainMs)]);
  }
  child.stdin.end();
  if (await exits(child, RUNG_MS)) return;
  child.kill('SIGTERM');
  if (await exits(child, RUNG_MS)) return;
  child.kill('SIGKILL');
  await exits(child, RUNG_MS);
}

/** End a process whose start has failed: by itself within `graceMs`, or killed. Resolves when it is gone. */
export async function abandon(child: Child, graceMs: number): Promise<void> {
  if (graceMs > 0) {
    child.stdin.end();
    if (await exits(child, graceMs)) return;
  }
  child.kill('SIGKILL');
  await exits(child, RUNG_MS);
}

/** Does it exit within `waitMs`? */
function exits(child: Child, waitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), waitMs);
    void child.exited.then(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
