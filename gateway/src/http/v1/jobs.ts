/** Jobs as a resource: submit, list, look, cancel, start anew. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { JobState, NewJob } from '../../jobs/job.ts';
import { JOB_STATES, MAX_PAGE } from '../../jobs/job.ts';
import { jobNotFound } from '../../jobs/refusals.ts';
import type { Service } from '../../service.ts';
import { checkVideo } from '../../uploads/duration.ts';
import { Refusal } from '../refusal.ts';
import { errors, nullable } from '../schemas.ts';
import { traceOf } from '../trace.ts';
import { JOB_BODY, JOB_FORM, type JobRequest, jobOptions, requestOfForm } from './job-request.ts';
import { JOB_SCHEMA, jobResource } from './job-resource.ts';

const DEFAULT_PAGE = 50;
const JOB = { $ref: 'Job#' };
const PARAMS = { type: 'object', properties: { id: { type: 'string' } } } as const;

interface ById {
  Params: { id: string };
}

export function addJobRoutes(app: FastifyInstance, service: Service): void {
  const { readiness, config, roots, runner, store, figures, uploads } = service;
  app.addSchema(JOB_SCHEMA);

  app.post(
    '/v1/jobs',
    {
      config: { watchesBody: true },
      schema: {
        summary: 'Submit a video: by its path as JSON, or as the file `video` of a form',
        tags: ['jobs'],
        consumes: ['application/json', 'multipart/form-data'],
        headers: {
          type: 'object',
          properties: {
            'idempotency-key': { type: 'string', description: 'the same key gives the same job again' },
          },
        },
        body: {
          content: {
            'application/json': { schema: JOB_BODY },
            'multipart/form-data': { schema: JOB_FORM },
          },
        },
        response: { 202: JOB, ...errors(400, 408, 409, 413, 415, 429, 503) },
      },
    },
    async (request, reply) => {
      readiness.check();
      const job = runner.submit(await requested(request));
      figures.forget();
      return reply
        .code(202)
        .header('location', `/v1/jobs/${job.id}`)
        .send({
          ...jobResource(job),
          estimated_wait_time_seconds: figures.waitS(config.concurrentJobs),
        });
    },
  );

  app.get<{ Querystring: { state?: JobState; limit?: number; after?: string } }>(
    '/v1/jobs',
    {
      schema: {
        summary: 'Jobs, newest first',
        tags: ['jobs'],
        querystring: {
          type: 'object',
          additionalProperties: false,
          properties: {
            state: { enum: JOB_STATES },
            limit: { type: 'integer', minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE },
            after: { type: 'string', description: '`after` of the page before' },
          },
        },
        response: {
          200: {
            type: 'object',
            required: ['jobs', 'after'],
            properties: { jobs: { type: 'array', items: JOB }, after: nullable('string') },
          },
          ...errors(400, 404, 503),
        },
      },
    },
    ({ query: { state, limit = DEFAULT_PAGE, after } }) => {
      const page = store.list({
        limit,
        ...(state === undefined ? {} : { state }),
        ...(after === undefined ? {} : { after }),
      });
      return { jobs: page.jobs.map(jobResource), after: page.after };
    },
  );

  app.get<ById>(
    '/v1/jobs/:id',
    {
      schema: {
        summary: 'One job',
        tags: ['jobs'],
        params: PARAMS,
        response: { 200: JOB, ...errors(404, 503) },
      },
    },
    ({ params: { id } }) => {
      const job = store.get(id);
      if (job === null) throw jobNotFound(id);
      return jobResource(job);
    },
  );

  app.delete<ById>(
    '/v1/jobs/:id',
    {
      schema: {
        summary: 'Cancel a job',
        tags: ['jobs'],
        params: PARAMS,
        response: { 200: JOB, ...errors(404, 409, 503) },
      },
    },
    ({ params: { id } }) => jobResource(runner.cancel(id)),
  );

  app.post<ById>(
    '/v1/jobs/:id/retry',
    {
      schema: {
        summary: 'Start a failed or cancelled job anew',
        tags: ['jobs'],
        params: PARAMS,
        response: { 202: JOB, ...errors(404, 409, 503) },
      },
    },
    ({ params: { id } }, reply) => reply.code(202).send(jobResource(runner.retry(id))),
  );

  async function requested(request: FastifyRequest): Promise<NewJob> {
    const key = request.headers['idempotency-key'];
    const shared = {
      idempotencyKey: typeof key === 'string' && key !== '' ? key : null,
      trace: traceOf(request.headers) ?? null,
    };
    if (!request.isMultipart()) {
      const asked = (request.body ?? {}) as JobRequest;
      if (asked.video_path === undefined)
        throw new Refusal('INVALID_REQUEST', 'Missing video_path parameter');
      const videoPath = await roots.file(asked.video_path);
      await checkVideo(videoPath, config.maxDurationS);
      return { ...shared, videoPath, priority: asked.priority ?? 0, options: jobOptions(asked) };
    }
    const { fields, video } = await uploads.receive(request);
    if (video === null) throw new Refusal('INVALID_REQUEST', 'No video file provided');
    const check = request.compileValidationSchema(JOB_BODY);
    const asked = requestOfForm(fields, (given) => (check(given) ? null : said(check.errors)));
    await checkVideo(video.path, config.maxDurationS);
    return {
      ...shared,
      videoPath: video.path,
      originalName: video.name,
      role: fields.role || null,
      priority: asked.priority ?? 0,
      options: jobOptions(asked),
    };
  }
}

function said(errors: readonly { instancePath: string; message?: string }[] | null | undefined): string {
  const [first] = errors ?? [];
  return `the field ${first?.instancePath.slice(1) ?? ''} ${first?.message ?? 'does not fit'}`;
}
