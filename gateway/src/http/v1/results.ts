/** What a completed job has: frames by range, the overlay with byte ranges. */

import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { frameLines } from '../../results/frame-lines.ts';
import { asStream, longObject } from '../../results/json-stream.ts';
import type { Service } from '../../service.ts';
import { Refusal } from '../refusal.ts';
import { errors } from '../schemas.ts';
import { jobOf, requireFile, resultOf } from './finished.ts';

interface ById {
  Params: { id: string };
}

const PARAMS = { type: 'object', properties: { id: { type: 'string' } } } as const;
const OVERLAY_FILE = 'overlay.mp4';
const INDEX = { type: 'integer', minimum: 0 } as const;

export async function addResultRoutes(
  app: FastifyInstance,
  { store, indexes }: Pick<Service, 'store' | 'indexes'>,
): Promise<void> {
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
      const index = await indexes.of(resultOf(jobOf(store, id)).directory);
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
      const { directory } = resultOf(jobOf(store, request.params.id));
      await requireFile(
        join(directory, OVERLAY_FILE),
        'this result has no overlay',
        'Submit the video again with `overlay` true.',
      );
      return reply.sendFile(OVERLAY_FILE, directory, { cacheControl: false });
    },
  );
}
