/** `POST /v1/jobs/:id/tickets`: for whoever cannot send a key with every request, such as a `<video>`. */
import type { FastifyInstance } from 'fastify';
import { jobNotFound } from '../../jobs/refusals.ts';
import type { Tickets } from '../../security/tickets.ts';
import type { Service } from '../../service.ts';
import { epochS, errors } from '../schemas.ts';

export function addTicketRoute(
  app: FastifyInstance,
  { store }: Pick<Service, 'store'>,
  tickets: Tickets,
): void {
  app.post<{ Params: { id: string } }>(
    '/v1/jobs/:id/tickets',
    {
      schema: {
        summary: "A ticket that reads this job's files, as `?ticket=`, without an API key",
        tags: ['results'],
        params: { type: 'object', properties: { id: { type: 'string' } } },
        response: {
          201: {
            type: 'object',
            required: ['ticket', 'expires_at'],
            properties: { ticket: { type: 'string' }, expires_at: epochS },
          },
          ...errors(404, 503),
        },
      },
    },
    ({ params: { id } }, reply) => {
      if (store.get(id) === null) throw jobNotFound(id);
      const { ticket, expiresAtS } = tickets.issue(id);
      return reply.code(201).header('cache-control', 'no-store').send({ ticket, expires_at: expiresAtS });
    },
  );
}
