/** Rows of the table `jobs`, and the jobs in them. */
import type { Job, JobState } from '../jobs/job.ts';
import type { Lease } from './silence.ts';

/** Every column of a job, with its place in the queue. */
export const JOB_COLUMNS = `
  jobs.*,
  CASE WHEN state = 'queued' THEN (
    SELECT count(*) FROM jobs AS ahead
    WHERE ahead.state = 'queued'
      AND (ahead.priority > jobs.priority OR (ahead.priority = jobs.priority AND ahead.seq <= jobs.seq))
  ) END AS queue_position`;

export interface JobRow {
  readonly seq: number;
  readonly id: string;
  readonly state: JobState;
  readonly priority: number;
  readonly video_path: string;
  readonly original_name: string | null;
  readonly role: string | null;
  readonly options: string;
  readonly idempotency_key: string | null;
  readonly trace: string | null;
  readonly created_at_s: number;
  readonly started_at_s: number | null;
  readonly completed_at_s: number | null;
  readonly attempt: number;
  readonly failures: number;
  readonly interruptions: number;
  readonly best_done: number;
  readonly progress: string | null;
  readonly result: string | null;
  readonly error: string | null;
  readonly owner: string | null;
  readonly token: string | null;
  readonly lease_ms: number | null;
  readonly beat: number;
  readonly queue_position: number | null;
}

export function toJob(row: JobRow): Job {
  return {
    id: row.id,
    state: row.state,
    priority: row.priority,
    videoPath: row.video_path,
    originalName: row.original_name,
    role: row.role,
    options: JSON.parse(row.options),
    idempotencyKey: row.idempotency_key,
    trace: row.trace,
    createdAtS: row.created_at_s,
    startedAtS: row.started_at_s,
    completedAtS: row.completed_at_s,
    attempt: row.attempt,
    progress: row.progress === null ? null : JSON.parse(row.progress),
    result: row.result === null ? null : JSON.parse(row.result),
    error: row.error === null ? null : JSON.parse(row.error),
    queuePosition: row.queue_position,
  };
}

export function toLease({ id, token, lease_ms: leaseMs, beat }: JobRow): Lease {
  return { id, token: token ?? '', leaseMs: leaseMs ?? 0, beat };
}
