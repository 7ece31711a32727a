/** What the runner tells about jobs, and to whom. */
import type { Job, JobFailure } from './job.ts';

/** One line of the log; `job_id`, `video_path`, `attempt` where it is about a job. */
export interface JobLogEntry {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly event: string;
  readonly message: string;
  readonly [detail: string]: unknown;
}

export type JobLogger = (entry: JobLogEntry) => void;

export interface RunnerEvents {
  /** A job changed its state or got on. */
  job: [Job];
  /** Jobs that retention has forgotten; what belongs to them alone can go. */
  forgotten: [readonly Job[]];
}

/** The names by which logs and reports are searched. */
export function jobFacts({ id, videoPath, attempt }: Pick<Job, 'id' | 'videoPath' | 'attempt'>) {
  return { job_id: id, video_path: videoPath, attempt };
}

export function failureFacts(job: Job, { code, hint, retryable, atS, elapsedS }: JobFailure) {
  return { ...jobFacts(job), code, hint, retryable, timestamp: atS, elapsed_s: elapsedS };
}
