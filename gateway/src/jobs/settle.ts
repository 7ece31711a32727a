/** Writes the end of an attempt into the store, and says what there is to tell of it. */
import type { VideoOutcome } from 'pose-sidecar';
import type { Attempt, AttemptEnd } from './attempt.ts';
import { describeFailure, isOutage, retryAtS } from './failure.ts';
import type { JobStore } from './job.ts';
import { failureFacts, type JobLogEntry, jobFacts } from './job-log.ts';
import { isResult, measureDirectory } from './result-dir.ts';

export interface SettleSettings {
  readonly store: JobStore;
  readonly maxAttempts: number;
  readonly random: () => number;
}

export interface Settled {
  readonly entry: JobLogEntry;
  /** The pool cannot work: claim nothing for a while. */
  readonly isOutage: boolean;
}

/** Throws STORE_UNAVAILABLE; then it can be called again. */
export async function settle(attempt: Attempt, end: AttemptEnd, settings: SettleSettings): Promise<Settled> {
  const { store } = settings;
  const { job, token } = attempt;
  if (end.kind === 'done') return { entry: await keepResult(attempt, end.outcome, store), isOutage: false };
  if (end.kind === 'failed' && !isOutage(end.error)) {
    return { entry: keepFailure(attempt, end.error, settings), isOutage: false };
  }
  store.release(job.id, token);
  if (end.kind === 'failed') return { entry: giveBack(attempt, String(end.error), 'warn'), isOutage: true };
  const entry =
    end.reason === 'cancelled'
      ? { ...about(attempt), level: 'info' as const, event: 'job-cancelled', message: 'job cancelled' }
      : giveBack(attempt, end.reason === 'shutdown' ? 'the gateway stops' : 'its lease was lost', 'info');
  return { entry, isOutage: false };
}

async function keepResult(
  attempt: Attempt,
  { directory, summary }: VideoOutcome,
  store: JobStore,
): Promise<JobLogEntry> {
  const { job, token } = attempt;
  const bytes = await measureDirectory(directory);
  // In one turn with the call after it: retention may have taken the directory meanwhile, for it was an older job's too.
  if (!isResult(directory)) {
    store.release(job.id, token);
    return giveBack(attempt, `its result ${directory} was removed`, 'warn');
  }
  if (!store.complete(job.id, token, { directory, summary, bytes })) return late(attempt, store);
  const message = `job completed: ${summary.frames} frames in ${attempt.elapsedS.toFixed(1)} s`;
  return { ...about(attempt), level: 'info', event: 'job-completed', message, directory };
}

function keepFailure(
  attempt: Attempt,
  error: unknown,
  { store, maxAttempts, random }: SettleSettings,
): JobLogEntry {
  const { job, token, failures } = attempt;
  const failure = describeFailure(error, job, attempt.elapsedS, Date.now() / 1_000);
  const againAtS = retryAtS(failure, failures, maxAttempts, random);
  if (!store.fail(job.id, token, failure, againAtS)) return late(attempt, store);
  const said = `attempt ${job.attempt} failed: ${failure.code}: ${failure.message}`;
  const facts = failureFacts(job, failure);
  if (againAtS === null)
    return { ...facts, level: 'error', event: 'job-failed', message: `job failed: ${said}` };
  const waitS = againAtS - failure.atS;
  return {
    ...facts,
    level: 'warn',
    event: 'job-retried',
    message: `${said}; next attempt in ${waitS.toFixed(1)} s`,
  };
}

/** Somebody ended the attempt before it ended itself; it no longer keeps the job from a new one. */
function late(attempt: Attempt, store: JobStore): JobLogEntry {
  store.release(attempt.job.id, attempt.token);
  const message = 'the result of an old attempt was refused';
  return { ...about(attempt), level: 'warn', event: 'job-late', message };
}

function giveBack(attempt: Attempt, why: string, level: 'info' | 'warn'): JobLogEntry {
  const message = `job goes back to the queue: ${why}`;
  return { ...about(attempt), level, event: 'job-released', message };
}

function about(attempt: Attempt) {
  return { ...jobFacts(attempt.job), elapsed_s: attempt.elapsedS };
}
