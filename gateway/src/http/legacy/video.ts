/** `POST /pose/video` and `GET /pose/video/status/:id`. */
import type { FastifyInstance } from 'fastify';
import type { PoseError } from 'pose-sidecar';
import type { Job } from '../../jobs/job.ts';
import { legacyErrorText } from '../../jobs/legacy-error-text.ts';
import { jobNotFound } from '../../jobs/refusals.ts';
import { asStream, withLongMember } from '../../results/json-stream.ts';
import type { Service } from '../../service.ts';
import { checkVideo } from '../../uploads/duration.ts';
import { JobFailedError } from '../job-failed.ts';
import { isOver } from '../job-watch.ts';
import { Refusal, sentenceOf } from '../refusal.ts';
import { epochS, errors, nullable } from '../schemas.ts';
import { submitAndWait } from '../synchronous.ts';
import { traceOf } from '../trace.ts';
import { type CompletedJob, failureResult, successResult } from './video-result.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
/** Of a job whose failure has no record. */
const CANCELLED = { code: 'CANCELLED', message: 'the job was cancelled', hint: null } as const;

export function addVideoRoutes(app: FastifyInstance, service: Service): void {
  const { readiness, config, roots, runner, store, indexes, figures } = service;

  app.post(
    '/pose/video',
    {
      attachValidation: true,
      config: { wording: oldVideoWording },
      schema: {
        summary:
          'A whole video: its result at once when nothing else is worked on, else a place in the queue',
        tags: ['previous service'],
        body: VIDEO_BODY,
        response: { 200: VIDEO_RESULT, 202: QUEUED, ...errors(400, 413, 429, 500, 503) },
      },
    },
    async (request, reply) => {
      readiness.check();
      const { video_path: given } = (request.body ?? {}) as { video_path?: unknown };
      if (typeof given !== 'string' || given === '') {
        throw new Refusal('INVALID_REQUEST', 'Missing video_path parameter');
      }
      const videoPath = await roots.file(given);
      await checkVideo(videoPath, config.maxDurationS);
      const asked = { videoPath, options: { overlay: false }, trace: traceOf(request.headers) ?? null };
      figures.forget();
      const { counts } = figures.stats;
      if (counts.queued + counts.processing >= config.concurrentJobs) {
        const waitS = figures.waitS(config.concurrentJobs);
        const job = runner.submit(asked);
        return reply.code(202).send({
          status: 'queued',
          job_id: job.id,
          message: 'All workers are busy; poll /pose/video/status/<job_id>',
          queue_position: job.queuePosition ?? 1,
          estimated_wait_time_seconds: waitS,
        });
      }
      const limited = { ...asked, options: { ...asked.options, timeoutMs: config.timeoutMs } };
      const job = (await submitAndWait(service, limited, { reply })) as CompletedJob;
      const index = await indexes.of(job.result.directory);
      return reply.type(JSON_TYPE).send(asStream(successResult(job, index)));
    },
  );

  app.get<{ Params: { job_id: string } }>(
    '/pose/video/status/:job_id',
    {
      schema: {
        summary: 'How far a video is; a failure is completed too, with result.status error',
        tags: ['previous service'],
        params: { type: 'object', properties: { job_id: { type: 'string' } } },
        response: { 200: STATUS, ...errors(404, 503) },
      },
    },
    async (request, reply) => {
      const { job_id: id } = request.params;
      const job = store.get(id);
      if (job === null) throw jobNotFound(id);
      const status = statusOf(job);
      if (job.state !== 'completed' || job.result === null) {
        return { ...status, result: isOver(job) ? failureResult(job, job.error ?? CANCELLED) : null };
      }
      const completed = job as CompletedJob;
      const index = await indexes.of(job.result.directory).catch((error: PoseError) => error);
      if (index instanceof Error) {
        const { code, hint } = index;
        return { ...status, result: failureResult(job, { code, hint, message: sentenceOf(index) }) };
      }
      return reply
        .type(JSON_TYPE)
        .send(asStream(withLongMember(status, 'result', successResult(completed, index))));
    },
  );
}

function statusOf(job: Job): Readonly<Record<string, unknown>> {
  return {
    job_id: job.id,
    status: isOver(job) ? 'completed' : job.state,
    video_path: job.videoPath,
    queued_at: job.createdAtS,
    started_at: job.startedAtS,
    completed_at: job.completedAtS,
    queue_position: job.queuePosition,
    progress: job.progress,
    attempt: job.attempt,
  };
}

/** What went wrong with a job, in the old words, with all that a report of it needs. */
export function oldVideoWording(error: PoseError): { readonly error: string } {
  if (!(error instanceof JobFailedError)) return { error: sentenceOf(error) };
  return { ...error.facts, error: legacyErrorText({ code: error.code, message: sentenceOf(error) }) };
}

const VIDEO_BODY = {
  type: 'object',
  required: ['video_path'],
  properties: {
    video_path: { type: 'string', description: 'as this machine sees it, under one of its roots' },
  },
} as const;

const FRAME = {
  type: 'object',
  required: ['frame_number', 'timestamp', 'persons'],
  properties: {
    frame_number: { type: 'integer', minimum: 0 },
    timestamp: { type: 'number', description: 'seconds on the clock of the video' },
    persons: {
      type: 'array',
      items: {
        type: 'object',
        required: [
          'track_id',
          'confidence',
          'tracking_confidence',
          'smpl',
          'keypoints_3d',
          'keypoints_2d',
          'camera',
          'bbox',
          'mesh_vertices',
        ],
      },
    },
  },
} as const;

const VIDEO_RESULT = {
  type: 'object',
  required: [
    'status',
    'video_path',
    'pkl_path',
    'total_frames',
    'frames',
    'processing_time_seconds',
    'job_id',
  ],
  properties: {
    status: { enum: ['success'] },
    video_path: { type: 'string' },
    pkl_path: nullable('string'),
    total_frames: { type: 'integer' },
    frames: { type: 'array', items: FRAME },
    processing_time_seconds: nullable('number'),
    parsing_time_seconds: { type: 'number' },
    job_id: { type: 'string' },
  },
} as const;

const QUEUED = {
  type: 'object',
  required: ['status', 'job_id', 'message', 'queue_position'],
  properties: {
    status: { enum: ['queued'] },
    job_id: { type: 'string' },
    message: { type: 'string' },
    queue_position: { type: 'integer', minimum: 1 },
    estimated_wait_time_seconds: { type: 'number' },
  },
} as const;

const STATUS = {
  type: 'object',
  required: ['job_id', 'status', 'video_path', 'queued_at', 'started_at', 'completed_at', 'result'],
  properties: {
    job_id: { type: 'string' },
    status: { enum: ['queued', 'processing', 'completed'] },
    video_path: { type: 'string' },
    queued_at: epochS,
    started_at: nullable('number'),
    completed_at: nullable('number'),
    result: nullable('object'),
  },
} as const;
