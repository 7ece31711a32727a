/** A job's failure as the answer to the request that waited for it. */
import { PoseError } from 'pose-sidecar';
import type { Job } from '../jobs/job.ts';

/** The video was at fault, not the service. */
const OF_THE_VIDEO: Readonly<Record<string, number>> = {
  DECODE_FAILED: 400,
  INVALID_REQUEST: 400,
  FRAME_TOO_LARGE: 400,
  VIDEO_TOO_LONG: 413, // as where its header says so
};

export class JobFailedError extends PoseError {
  override name = 'JobFailedError';
  readonly job: Job;
  readonly status: number;

  constructor(job: Job) {
    const { code, message, hint, retryable } = job.error ?? CANCELLED;
    super(code, message, { hint, retryable });
    this.job = job;
    this.status = OF_THE_VIDEO[code] ?? 500;
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
