/** One line per request: quiet for those who only look, loud for what changes something or goes wrong. */
import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A POST that only asks: nothing is kept of it. */
    onlyAsks?: boolean;
  }
}

export function logRequests(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    const { statusCode, elapsedTime } = reply;
    const onlyAsks = request.method === 'GET' || request.routeOptions.config.onlyAsks;
    const isQuiet = onlyAsks && statusCode < 400;
    const facts = {
      client: request.ip,
      method: request.method,
      // Without the query, which may hold what is nobody's business.
      url: request.url.split('?')[0],
      status: statusCode,
      elapsed_ms: Math.round(elapsedTime),
    };
    request.log[isQuiet ? 'debug' : 'info'](facts, `${facts.method} ${facts.url} ${statusCode}`);
  });
}
