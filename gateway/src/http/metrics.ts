/** `GET /metrics`, and the clock of every answer. */
import type { FastifyInstance } from 'fastify';
import type { Service } from '../service.ts';

export function addMetricsRoute(app: FastifyInstance, { metrics }: Pick<Service, 'metrics'>): void {
  app.get(
    '/metrics',
    {
      schema: {
        summary: 'Numbers for Prometheus',
        tags: ['operation'],
        produces: ['text/plain'],
        response: { 200: { type: 'string' } },
      },
    },
    async (_, reply) => reply.type(metrics.contentType).send(await metrics.text()),
  );
}

export function timeRequests(app: FastifyInstance, { metrics }: Pick<Service, 'metrics'>): void {
  app.addHook('onResponse', async (request, reply) => {
    metrics.http.answered(
      request.method,
      request.routeOptions.url,
      reply.statusCode,
      reply.elapsedTime / 1000,
    );
  });
}
