/** Time as the pool and its daemons see it, so that a test can hold it still. */

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds on a clock that never steps back. */
  nowMs(): number;
  /** Call `task` once, `delayMs` from now. It does not keep the host from exiting: nothing the pool plans is worth that. */
  after(delayMs: number, task: () => void): Timer;
}

/** Timers that keep the host awake: somebody waits for an answer, or for the end of a process. */
export interface DeadlineClock {
  nowMs(): number;
  /** Call `task` once, `delayMs` from now. Returns the function that stops it. */
  deadline(delayMs: number, task: () => void): () => void;
}

/** A timer that is this late, in ms, tells that our own event loop stood still: what came meanwhile lies unread. */
export const LATE_MS = 100;

/** Like `after`, for judging a peer's silence: after a standstill of our own, what it has said is read first. */
export function afterReading(clock: Clock, delayMs: number, task: () => void): Timer {
  const dueAtMs = clock.nowMs() + delayMs;
  let timer = clock.after(delayMs, () => {
    if (clock.nowMs() - dueAtMs < LATE_MS) task();
    else timer = clock.after(LATE_MS, task);
  });
  return { cancel: () => timer.cancel() };
}

export const SYSTEM_CLOCK: Clock & DeadlineClock = {
  nowMs: () => performance.now(),
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs).unref();
    return { cancel: () => clearTimeout(timer) };
  },
  deadline: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};
