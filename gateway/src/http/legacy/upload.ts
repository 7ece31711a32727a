/** `POST /api/upload-video-with-pose`: a form with a video; the answer has the pose of every frame. */
import { randomUUID } from 'node:crypto';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PoseError } from 'pose-sidecar';
import type { Job } from '../../jobs/job.ts';
import { legacyErrorText } from '../../jobs/legacy-error-text.ts';
import type { FrameIndex } from '../../results/frame-index.ts';
import { frameLines } from '../../results/frame-lines.ts';
import { asStream, longObject } from '../../results/json-stream.ts';
import { meshFrame, parseLine } from '../../results/old-frames.ts';
import type { Service } from '../../service.ts';
import { checkVideo } from '../../uploads/duration.ts';
import { asPoseError } from '../failures.ts';
import { JobFailedError } from '../job-failed.ts';
import { Refusal, sentenceOf } from '../refusal.ts';
import { errors } from '../schemas.ts';
import { submitAndWait } from '../synchronous.ts';
import { traceOf } from '../trace.ts';
import type { CompletedJob } from './video-result.ts';

const ROLES = ['rider', 'coach'];

export function addUploadRoutes(app: FastifyInstance, service: Service): void {
  const { readiness, config, indexes, log } = service;

  app.post(
    '/api/upload-video-with-pose',
    {
      config: { wording: oldUploadWording, watchesBody: true },
      schema: {
        summary: 'Upload a video and get the pose of every frame',
        tags: ['previous service'],
        consumes: ['multipart/form-data'],
        response: { 200: UPLOAD_RESULT, ...errors(400, 408, 413, 415, 429, 500, 503) },
      },
    },
    async (request, reply) => {
      const videoId = `upload_${randomUUID()}`;
      try {
        readiness.check();
        return await answer(request, reply, videoId);
      } catch (error) {
        const known = asPoseError(error as FastifyError);
        ID_OF.set(known, videoId);
        throw known;
      }
    },
  );

  async function answer(request: FastifyRequest, reply: FastifyReply, videoId: string) {
    const { fields, video } = await service.uploads.receive(request);
    const { role } = fields;
    if (role === undefined || role === '') throw new Refusal('INVALID_REQUEST', 'Missing role field');
    if (video === null) throw new Refusal('INVALID_REQUEST', 'No video file provided');
    if (!ROLES.includes(role)) {
      throw new Refusal('INVALID_REQUEST', `Invalid role field: it must be one of ${ROLES.join(', ')}`);
    }
    await checkVideo(video.path, config.maxDurationS);
    const told = tellSubmitted(log);
    const job = (await submitAndWait(
      service,
      {
        videoPath: video.path,
        originalName: video.name,
        role,
        options: { overlay: false, timeoutMs: config.timeoutMs },
        trace: traceOf(request.headers) ?? null,
      },
      { reply, onChange: told.onChange },
    )) as CompletedJob;
    const index = await indexes.of(job.result.directory);
    told.done(job, index);
    return reply.type('application/json; charset=utf-8').send(asStream(result(videoId, role, job, index)));
  }
}

function result(videoId: string, role: string, job: CompletedJob, index: FrameIndex): AsyncGenerator<string> {
  return longObject({
    before: {
      success: true,
      videoId,
      role,
      frameCount: index.frames,
      jobId: job.id,
      videoPath: job.videoPath,
    },
    name: 'meshSequence',
    elements: meshFrames(index),
  });
}

async function* meshFrames(index: FrameIndex): AsyncGenerator<readonly string[]> {
  const { skeleton } = index.header;
  for await (const lines of frameLines(index)) {
    yield lines.map((line) => JSON.stringify(meshFrame(parseLine(line), skeleton)));
  }
}

/** The lines that readers of the old log look for, word for word. */
function tellSubmitted(log: Service['log']) {
  let isTold = false;
  const submitted = (jobId: string, frames: number) => {
    if (isTold) return;
    isTold = true;
    log.info({ job_id: jobId }, `[UPLOAD] Submitting ${frames} frames to process pool`);
  };
  return {
    onChange: ({ id, progress }: Job) => {
      if (progress !== null && progress.total !== null) submitted(id, progress.total);
    },
    done: ({ id, result }: CompletedJob, { frames }: FrameIndex) => {
      submitted(id, frames);
      const found = Number(result.summary.frames_with_person);
      log.info({ job_id: id }, `[UPLOAD] Successfully processed ${found}/${frames} frames with pose data`);
      log.info({ job_id: id }, 'Pose detection completed');
    },
  };
}

/** The id that an upload was given before anything could go wrong. */
const ID_OF = new WeakMap<PoseError, string>();

function oldUploadWording(error: PoseError): { readonly error: string; readonly [field: string]: unknown } {
  const videoId = ID_OF.get(error);
  const sentence = sentenceOf(error);
  const id = videoId === undefined ? {} : { videoId };
  if (error instanceof JobFailedError) {
    const text = legacyErrorText({ code: error.code, message: sentence });
    const what = error.status === 400 ? 'The video cannot be read' : text;
    return { ...error.facts, ...id, error: what, details: text };
  }
  if (error.code === 'VIDEO_UNREADABLE')
    return { ...id, error: 'The video cannot be read', details: sentence };
  return { ...id, error: sentence, details: error.hint };
}

const UPLOAD_RESULT = {
  type: 'object',
  required: ['success', 'videoId', 'role', 'frameCount', 'meshSequence'],
  properties: {
    success: { const: true },
    videoId: { type: 'string' },
    role: { enum: ROLES },
    frameCount: { type: 'integer' },
    jobId: { type: 'string' },
    meshSequence: {
      type: 'array',
      items: {
        type: 'object',
        required: ['frameNumber', 'timestamp', 'keypoints', 'has3d', 'mesh_vertices_data', 'mesh_faces_data'],
      },
    },
  },
} as const;
