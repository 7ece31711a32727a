/** A job's failure as the answer to the request that waited for it. */
import { PoseError } from 'pose-sidecar';
import type { Job } from '../jobs/job.ts';

/** The video was at fault, not the service. */
const OF_THE_VIDEO: ReadonlySet<string> = new Set(['DECODE_FAILED', 'INVALID_REQUEST', 'FRAME_TOO_LARGE']);

export class JobFailedError extends PoseError {
  override name = 'JobFailedError';
  readonly job: Job;
  readonly status: number;

  constructor(job: Job) {
    const { code, message, hint, retryable } = job.error ?? CANCELLED;
    super(code, message, { hint, retryable });
    this.job = job;
    this.status = OF_THE_VIDEO.has(code) ? 400 : 500;
  }

  /** What an operator looks for. */
  get facts(): Readonly<Record<string, unknown>> {
    const { id, videoPath, attempt, error } = this.job;
    return {
      job_id: id,
      video_path: videoPath,
      attempt,
      ...(error === null ? {} : { timestamp: error.atS, elapsed_s: error.elapsedS }),
    };
  }
}

const CANCELLED = {
  code: 'CANCELLED',
  message: 'the job was cancelled',
  hint: null,
  retryable: false,
} as const;
