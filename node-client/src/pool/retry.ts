/** What becomes of a request that came back without a result: again, or an error for the caller. */
import { PoseError } from '../errors.ts';
import type { Loss } from '../process/work.ts';

/** A call that is lost this often before it ever ran is in a pool that cannot keep a daemon alive. */
export const MAX_DISPATCHES = 16;

export interface RetryPolicy {
  /** Times a request may run, the first included. */
  readonly maxAttempts: number;
  /** Deaths of daemons while they ran it, after which it is poison; 0: never. */
  readonly quarantineAfter: number;
}

/** What a call has been through. */
export interface History {
  /** Times it was handed to a daemon. */
  readonly dispatches: number;
  /** Times a daemon began to work on it, as far as can be known. */
  readonly attempts: number;
  /** Times a daemon died of its own accord while it ran. */
  readonly deaths: number;
}

export const NO_HISTORY: History = { dispatches: 0, attempts: 0, deaths: 0 };

/** The history after a request came back with `error`; `loss` when its daemon ended. */
export function lived(before: History, error: PoseError, loss: Loss | null): History {
  const never = loss === null ? error.code === 'DRAINING' : !loss.wasRunning;
  return {
    dispatches: before.dispatches,
    attempts: before.attempts + (never ? 0 : 1),
    deaths: before.deaths + (loss?.wasRunning && loss.isCrash ? 1 : 0),
  };
}

/** Null: hand it to another daemon. Otherwise what to tell the caller. */
export function verdict(
  history: History,
  error: PoseError,
  loss: Loss | null,
  policy: RetryPolicy,
): PoseError | null {
  if (loss === null && error.code !== 'DRAINING' && error.code !== 'NO_RESOURCES') return error;
  if (policy.quarantineAfter > 0 && history.deaths >= policy.quarantineAfter) {
    return poison(history.deaths, error);
  }
  if (history.attempts >= policy.maxAttempts || history.dispatches >= MAX_DISPATCHES) return error;
  return null;
}

function poison(deaths: number, cause: PoseError): PoseError {
  return new PoseError(
    'POISON_INPUT',
    `${deaths} daemons died while they worked on this input; the last one: ${cause.message}`,
    { cause, hint: 'Keep the input for a bug report and do not send it again; others are not affected.' },
  );
}
