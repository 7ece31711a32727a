/** From what an attempt threw to what is kept, and whether the job is tried again. */
import { PoseError, StartError } from 'pose-sidecar';
import type { Job, JobFailure } from './job.ts';
import { MAX_RETRY_WAIT_S } from './limits.ts';

/** Attempts that may fail before the job does, unless the configuration says otherwise. */
export const MAX_ATTEMPTS = 3;
/** Seconds before the second attempt; each further one waits twice as long. */
export const FIRST_RETRY_WAIT_S = 2;

/** Whoever set the limit waits for the answer, not for another attempt. What is finished is kept for the next job. */
const FINAL: ReadonlySet<string> = new Set(['DEADLINE_EXCEEDED']);

/** Nobody can work now: no fault of the job, which waits without blame. */
const OUTAGES: ReadonlySet<string> = new Set([
  'POOL_UNAVAILABLE',
  'POOL_CLOSED',
  'DRAINING',
  'NOT_READY',
  'QUEUE_FULL',
  'QUEUE_TIMEOUT',
]);

export function isOutage(error: unknown): boolean {
  return error instanceof StartError || (error instanceof PoseError && OUTAGES.has(error.code));
}

export function describeFailure(error: unknown, job: Job, elapsedS: number, nowS: number): JobFailure {
  const where = { videoPath: job.videoPath, attempt: job.attempt, atS: nowS, elapsedS };
  if (error instanceof PoseError) {
    const { code, hint, retryable } = error;
    return { code, message: sentence(error), hint, retryable, ...where };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'INTERNAL', message, hint: null, retryable: true, ...where };
}

/**
 * Epoch seconds of the next attempt, or null when this failure was the last: from half to the whole of a wait that
 * doubles, so that jobs which failed together do not start together.
 */
export function retryAtS(
  { code, retryable, atS }: JobFailure,
  failuresBefore: number,
  maxAttempts: number,
  random: () => number,
): number | null {
  if (!retryable || FINAL.has(code) || failuresBefore + 1 >= maxAttempts) return null;
  const longest = Math.min(MAX_RETRY_WAIT_S, FIRST_RETRY_WAIT_S * 2 ** Math.min(failuresBefore, 16));
  return atS + longest * (0.5 + random() / 2);
}

/** An error's message without the code before it and the next step behind it, which stand beside it. */
function sentence({ message, code, hint }: PoseError): string {
  const start = message.startsWith(`${code}: `) ? code.length + 2 : 0;
  const next = hint === null ? -1 : message.indexOf(`\nNext step: ${hint}`);
  return message.slice(start, next < 0 ? undefined : next);
}
