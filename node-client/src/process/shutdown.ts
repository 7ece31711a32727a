/** The ladder down: drain, end of input, SIGTERM, SIGKILL. Each rung waits for the exit before the next. */
import type { DeadlineClock } from '../clock.ts';
import type { Child } from './child.ts';

/** Between two rungs. */
export const RUNG_MS = 2_000;

/** What the ladder needs of a process. */
export type Ending = Pick<Child, 'exited' | 'gone' | 'kill'> & {
  readonly stdin: { end(): unknown };
};

export interface Farewell {
  /** Ask the daemon to finish what runs. */
  readonly drain: () => void;
  /** The daemon has finished. */
  readonly bye: Promise<void>;
}

/** Ends a daemon in at most `drainMs` + 3 rungs and a little. Resolves when the process is gone. */
export async function shutDown(
  child: Ending,
  { drain, bye }: Farewell,
  drainMs: number,
  clock: DeadlineClock,
): Promise<void> {
  if (drainMs > 0 && !child.gone) {
    drain();
    await Promise.race([bye, exits(child, drainMs, clock)]);
  }
  child.stdin.end();
  if (await exits(child, RUNG_MS, clock)) return;
  child.kill('SIGTERM');
  if (await exits(child, RUNG_MS, clock)) return;
  child.kill('SIGKILL');
  await exits(child, RUNG_MS, clock);
}

/** End a process whose start has failed: by itself within `graceMs`, or killed. Resolves when it is gone. */
export async function abandon(child: Ending, graceMs: number, clock: DeadlineClock): Promise<void> {
  if (graceMs > 0) {
    child.stdin.end();
    if (await exits(child, graceMs, clock)) return;
  }
  child.kill('SIGKILL');
  await exits(child, RUNG_MS, clock);
}

/** Does it exit within `waitMs`? */
function exits(child: Ending, waitMs: number, clock: DeadlineClock): Promise<boolean> {
  return new Promise((resolve) => {
    const stop = clock.deadline(waitMs, () => resolve(false));
    void child.exited.then(() => {
      stop();
      resolve(true);
    });
  });
}
