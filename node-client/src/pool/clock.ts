/** Time as the pool sees it, so that a test can hold it still. */

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds on a clock that never steps back. */
  nowMs(): number;
  /** Call `task` once, `delayMs` from now. It does not keep the host from exiting: nothing the pool plans is worth that. */
  after(delayMs: number, task: () => void): Timer;
}

export const SYSTEM_CLOCK: Clock = {
  nowMs: () => performance.now(),
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs).unref();
    return { cancel: () => clearTimeout(timer) };
  },
};
