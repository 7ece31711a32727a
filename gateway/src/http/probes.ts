/** `GET /livez` and `/readyz`: is the process alive, and can it work? */
import type { FastifyInstance } from 'fastify';
import type { Service } from '../service.ts';
import { nullable } from './schemas.ts';

const LIVE_SCHEMA = {
  type: 'object',
  required: ['status'],
  properties: { status: { const: 'alive' } },
} as const;

const READY_SCHEMA = {
  type: 'object',
  required: ['status', 'reason', 'capacity'],
  properties: {
    status: { enum: ['warming_up', 'ready', 'restarting', 'unavailable', 'ending'] },
    reason: nullable('string'),
    capacity: {
      type: 'object',
      required: ['workers', 'ready', 'busy', 'in_flight', 'queued'],
      properties: {
        workers: { type: 'integer' },
        ready: { type: 'integer' },
        busy: { type: 'integer' },
        in_flight: { type: 'integer' },
        queued: { type: 'integer', description: 'requests that wait for a worker' },
      },
    },
  },
} as const;

export function addProbeRoutes(app: FastifyInstance, { readiness }: Pick<Service, 'readiness'>): void {
  const config = { isOpen: true, isProbe: true, rateLimit: false } as const;
  app.get(
    '/livez',
    {
      config,
      schema: { summary: 'Is the process alive?', tags: ['operation'], response: { 200: LIVE_SCHEMA } },
    },
    () => ({ status: 'alive' }),
  );
  app.get(
    '/readyz',
    {
      config,
      schema: {
        summary: 'Can it work, and how much?',
        tags: ['operation'],
        response: { 200: READY_SCHEMA, 503: READY_SCHEMA },
      },
    },
    (_, reply) => {
      const { availability, reason, pool } = readiness;
      void reply.code(availability === 'ready' ? 200 : 503);
      return {
        status: availability,
        // The cause may name paths; those who may call the other routes read it in /health.
        reason: reason?.split('\n')[0] ?? null,
        capacity: {
          workers: pool.size,
          ready: pool.ready,
          busy: pool.workers.filter(({ state }) => state === 'busy').length,
          in_flight: pool.inFlight,
          queued: pool.queued,
        },
      };
    },
  );
}
