/** What a completed job has: frames by range, the overlay with byte ranges, the report. */

import { access } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import type { JobResult } from '../../jobs/job.ts';
import { jobNotFound } from '../../jobs/refusals.ts';
import { frameLines } from '../../results/frame-lines.ts';
import { asStream, longObject } from '../../results/json-stream.ts';
import type { Service } from '../../service.ts';
import { oneOf } from '../legacy/health.ts';
import { Refusal } from '../refusal.ts';
import { errors } from '../schemas.ts';

interface ById {
  Params: { id: string };
}

const PARAMS = { type: 'object', properties: { id: { type: 'string' } } } as const;
const OVERLAY_FILE = 'overlay.mp4';
const INDEX = { type: 'integer', minimum: 0 } as const;

export async function addResultRoutes(app: FastifyInstance, service: Service): Promise<void> {
  const { store, indexes, reports, readiness, config } = service;
  await app.register(fastifyStatic, { serve: false });

  app.get<ById & { Querystring: { from?: number; to?: number } }>(
    '/v1/jobs/:id/frames',
    {
      schema: {
        summary: 'Frames `from` to `to`, both included, as they stand in poses.jsonl',
        tags: ['results'],
        params: PARAMS,
        querystring: { type: 'object', additionalProperties: false, properties: { from: INDEX, to: INDEX } },
        response: {
          200: {
            type: 'object',
            required: ['job_id', 'total_frames', 'from', 'to', 'header', 'frames'],
            properties: {
              job_id: { type: 'string' },
              total_frames: INDEX,
              from: INDEX,
              to: { type: 'integer', description: 'the last frame that is in the answer' },
              header: {
                type: 'object',
                description: 'skeleton, frame rate, size: the first line of poses.jsonl',
              },
              frames: { type: 'array', items: { type: 'object' } },
            },
          },
          ...errors(400, 404, 409, 410, 503),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const index = await indexes.of(resultOf(id).directory);
      const { from = 0, to = index.frames - 1 } = request.query;
      if (from > to && index.frames > 0) {
        throw new Refusal(
          'INVALID_REQUEST',
          `from must not be over to, got ${from} and ${to} of ${index.frames} frames`,
        );
      }
      const last = Math.min(to, index.frames - 1);
      return reply.type('application/json; charset=utf-8').send(
        asStream(
          longObject({
            before: { job_id: id, total_frames: index.frames, from, to: last, header: index.header },
            name: 'frames',
            elements: frameLines(index, from, last),
          }),
        ),
      );
    },
  );

  app.get<ById>(
    '/v1/jobs/:id/overlay.mp4',
    {
      config: { takesTicket: true },
      compress: false,
      schema: {
        summary: 'The video with people drawn into it',
        tags: ['results'],
        produces: ['video/mp4'],
        params: PARAMS,
        response: { 200: { type: 'string', format: 'binary' }, ...errors(404, 409, 410, 503) },
      },
    },
    async (request, reply) => {
      const { directory } = resultOf(request.params.id);
      await access(join(directory, OVERLAY_FILE)).catch(() => {
        throw new Refusal('RESULT_GONE', 'this result has no overlay', {
          hint: 'Submit the video again with `overlay` true.',
        });
      });
      return reply.sendFile(OVERLAY_FILE, directory, { cacheControl: false });
    },
  );

  app.get<ById>(
    '/v1/jobs/:id/report',
    {
      config: { takesTicket: true },
      schema: {
        summary: 'One HTML page about the result',
        tags: ['results'],
        produces: ['text/html'],
        params: PARAMS,
        response: { 200: { type: 'string' }, ...errors(404, 409, 410, 500, 503) },
      },
    },
    async (request, reply) => {
      const { directory } = resultOf(request.params.id);
      const daemon = oneOf(readiness.pool);
      if (daemon === null) readiness.check();
      const interpreter = daemon?.interpreter ?? config.python ?? 'python3';
      const page = await reports.page(directory, { interpreter, servicePath: config.servicePath });
      return reply.sendFile(basename(page), dirname(page), { cacheControl: false });
    },
  );

  function resultOf(id: string): JobResult {
    const job = store.get(id);
    if (job === null) throw jobNotFound(id);
    if (job.result !== null) return job.result;
    throw new Refusal('NO_RESULT_YET', `job ${id} has no result: it is ${job.state}`, {
      hint: `Follow /v1/jobs/${id}/events until it is completed.`,
    });
  }
}
