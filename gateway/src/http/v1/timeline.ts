/** `GET /v1/jobs/:id/timeline`: the times of all frames and every person's provenance, as runs. */
import type { FastifyInstance } from 'fastify';
import { timelineOf } from '../../results/timeline.ts';
import type { Service } from '../../service.ts';
import { errors } from '../schemas.ts';
import { jobOf, resultOf } from './finished.ts';

export function addTimelineRoute(
  app: FastifyInstance,
  { store, indexes }: Pick<Service, 'store' | 'indexes'>,
): void {
  app.get<{ Params: { id: string } }>(
    '/v1/jobs/:id/timeline',
    {
      schema: {
        summary: 'When every frame is shown, and where the numbers of each person came from',
        tags: ['results'],
        params: { type: 'object', properties: { id: { type: 'string' } } },
        response: { 200: TIMELINE, ...errors(404, 409, 410, 503) },
      },
    },
    async ({ params: { id } }) => {
      const index = await indexes.of(resultOf(jobOf(store, id)).directory);
      const { times_s, persons } = await timelineOf(index);
      return { job_id: id, total_frames: index.frames, header: index.header, times_s, persons };
    },
  );
}

const TIMELINE = {
  type: 'object',
  required: ['job_id', 'total_frames', 'header', 'times_s', 'persons'],
  properties: {
    job_id: { type: 'string' },
    total_frames: { type: 'integer', minimum: 0 },
    header: { type: 'object', description: 'skeleton, frame rate, size: the first line of poses.jsonl' },
    times_s: { type: 'array', items: { type: 'number' }, description: 'one per frame' },
    persons: {
      type: 'array',
      items: {
        type: 'object',
        required: ['id', 'runs'],
        properties: {
          id: { type: 'integer', minimum: 1 },
          runs: {
            type: 'array',
            description: '[from, to, provenance]: frames of one provenance, both ends included',
            items: { type: 'array', minItems: 3, maxItems: 3 },
          },
        },
      },
    },
  },
} as const;
