/** A job as the newer routes show it. */
import type { Job } from '../../jobs/job.ts';
import { JOB_STATES } from '../../jobs/job.ts';
import { EXPORT_FORMAT_NAMES } from '../../results/exports.ts';
import { epochS, nullable } from '../schemas.ts';

export type JobResource = Readonly<Record<string, unknown>>;

export function jobResource(job: Job): JobResource {
  const { result, error } = job;
  const self = `/v1/jobs/${job.id}`;
  return {
    id: job.id,
    state: job.state,
    priority: job.priority,
    video_path: job.videoPath,
    original_name: job.originalName,
    role: job.role,
    options: job.options,
    created_at: job.createdAtS,
    started_at: job.startedAtS,
    completed_at: job.completedAtS,
    attempt: job.attempt,
    queue_position: job.queuePosition,
    progress: progressResource(job),
    result:
      result === null ? null : { directory: result.directory, bytes: result.bytes, summary: result.summary },
    error:
      error === null
        ? null
        : {
            code: error.code,
            error: error.message,
            hint: error.hint,
            retryable: error.retryable,
            attempt: error.attempt,
            timestamp: error.atS,
            elapsed_s: error.elapsedS,
            video_path: error.videoPath,
            job_id: job.id,
          },
    links: {
      self,
      events: `${self}/events`,
      source: `${self}/source`,
      ...(result === null
        ? {}
        : {
            timeline: `${self}/timeline`,
            frames: `${self}/frames`,
            poses: `${self}/poses.jsonl`,
            summary: `${self}/summary.json`,
            overlay: `${self}/overlay.mp4`,
            report: `${self}/report`,
            ...Object.fromEntries(
              EXPORT_FORMAT_NAMES.map((format) => [`export_${format}`, `${self}/exports/${format}`]),
            ),
          }),
    },
  };
}

export function progressResource({ progress }: Job): JobResource | null {
  if (progress === null) return null;
  const { done, total, fps, leftS } = progress;
  return { done, total, fps, left_s: leftS };
}

export const JOB_SCHEMA = {
  $id: 'Job',
  type: 'object',
  required: [
    'id',
    'state',
    'priority',
    'video_path',
    'created_at',
    'started_at',
    'completed_at',
    'attempt',
    'queue_position',
    'progress',
    'result',
    'error',
    'links',
  ],
  properties: {
    id: { type: 'string', format: 'uuid' },
    state: { enum: JOB_STATES },
    priority: { type: 'integer', description: 'higher is earlier' },
    video_path: { type: 'string' },
    original_name: nullable('string', "the file's name where it came from"),
    role: nullable('string'),
    options: { type: 'object' },
    created_at: epochS,
    started_at: nullable('number', 'epoch seconds, of the newest attempt'),
    completed_at: nullable('number', 'epoch seconds at which it was completed, failed or cancelled'),
    attempt: { type: 'integer', minimum: 0, description: 'times it was started' },
    queue_position: nullable('integer', 'from 1'),
    progress: {
      type: ['object', 'null'],
      properties: {
        done: { type: 'integer', description: 'frames in which people were looked for' },
        total: nullable('integer'),
        fps: { type: 'number' },
        left_s: nullable('number', 'seconds left at this speed'),
      },
    },
    result: {
      type: ['object', 'null'],
      properties: {
        directory: { type: 'string' },
        bytes: { type: 'integer' },
        summary: { type: 'object' },
      },
    },
    error: { type: ['object', 'null'], description: 'of the newest attempt that failed' },
    links: { type: 'object', additionalProperties: { type: 'string' } },
  },
} as const;
