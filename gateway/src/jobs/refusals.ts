/** What every store says when it does not do what it was asked for. */
import type { Job, JobFailure } from './job.ts';
import { JobError } from './job-error.ts';

export function queueFull(maxQueued: number): JobError {
  return new JobError('QUEUE_FULL', `${maxQueued} jobs wait already, which is the limit`, {
    hint: 'Submit again later, or raise the limit of the queue.',
  });
}

export function idempotencyConflict(key: string, job: Job): JobError {
  return new JobError(
    'IDEMPOTENCY_CONFLICT',
    `the idempotency key ${key} belongs to job ${job.id} for another request`,
    {
      hint: 'Take a new key for a new request.',
    },
  );
}

export function jobNotFound(id: string): JobError {
  return new JobError('JOB_NOT_FOUND', `there is no job ${id}`, {
    hint: 'Check the id; finished jobs are forgotten after the time of retention.',
  });
}

export function jobFinished({ id, state }: Job): JobError {
  return new JobError('JOB_FINISHED', `job ${id} is ${state}, so it cannot be cancelled`);
}

export function jobNotFinished({ id, state }: Job): JobError {
  return new JobError(
    'JOB_NOT_FINISHED',
    `job ${id} is ${state}; only a failed or cancelled job starts anew`,
    {
      hint: state === 'completed' ? 'Submit the video again with `force`.' : 'Cancel it first.',
    },
  );
}

/** For a job under which its process ended too often. */
export function interrupted(
  { videoPath, attempt, startedAtS }: Job,
  times: number,
  nowS: number,
): JobFailure {
  return {
    code: 'JOB_INTERRUPTED',
    message: `the gateway ended ${times} times in a row while it worked on this video`,
    hint: 'Look at the gateway’s log and the system’s for what ended it, then retry the job.',
    retryable: false,
    videoPath,
    attempt,
    atS: nowS,
    elapsedS: Math.max(0, nowS - (startedAtS ?? nowS)),
  };
}
