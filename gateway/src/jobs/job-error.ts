/** Errors about jobs: the codes that the gateway has beside those of protocol/errors.json. */
import { PoseError } from 'pose-sidecar';

/** Meaning of each code that is the gateway's own, and whether the same call may succeed later. */
export const JOB_ERROR_CODES = {
  STORE_UNAVAILABLE: {
    retryable: true,
    meaning: 'The job store cannot be read or written; what was asked for was not done.',
  },
  STORE_TOO_NEW: {
    retryable: false,
    meaning: 'The job store was written by a newer version of the gateway.',
  },
  JOB_NOT_FOUND: {
    retryable: false,
    meaning: 'No job has this id. Finished ones are forgotten after a while.',
  },
  JOB_FINISHED: { retryable: false, meaning: 'The job is over, so it cannot be cancelled.' },
  JOB_NOT_FINISHED: { retryable: false, meaning: 'Only a failed or cancelled job can be started anew.' },
  IDEMPOTENCY_CONFLICT: {
    retryable: false,
    meaning: 'The idempotency key was used for another request.',
  },
  NO_PROGRESS: {
    retryable: true,
    meaning: 'The video made no progress for too long, and the attempt was stopped.',
  },
  JOB_INTERRUPTED: {
    retryable: false,
    meaning: 'The gateway ended under this job too many times without progress between.',
  },
} as const;

export type JobErrorCode = keyof typeof JOB_ERROR_CODES;

/** An error about a job or the store. `code` is one of JobErrorCode, or QUEUE_FULL or INVALID_REQUEST. */
export class JobError extends PoseError {
  override name = 'JobError';

  constructor(
    code: JobErrorCode | 'QUEUE_FULL' | 'INVALID_REQUEST',
    sentence: string,
    options: { readonly cause?: unknown; readonly hint?: string } = {},
  ) {
    const retryable = Object.hasOwn(JOB_ERROR_CODES, code)
      ? JOB_ERROR_CODES[code as JobErrorCode].retryable
      : undefined;
    super(code, sentence, { ...options, retryable });
  }
}
