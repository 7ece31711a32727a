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
