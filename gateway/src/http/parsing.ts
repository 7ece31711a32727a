/** Bodies and queries as the routes see them: JSON that may be missing, numbers that are numbers. */
import type { FastifyInstance } from 'fastify';

/** A JSON body of no bytes is as none, so that a route says what it misses. Plain text is nothing a route takes. */
export function parseJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser(['application/json', 'text/plain']);
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else void parse(request, body as string, done);
  });
}

const NUMBER = /^-?\d{1,15}(\.\d{1,15})?$/;

/** Types are checked and never bent, so what looks like a number in a query is one. */
export function parseQuery(query: string): Record<string, unknown> {
  return Object.fromEntries(
    [...new URLSearchParams(query)].map(([name, value]) => [
      name,
      NUMBER.test(value) ? Number(value) : value,
    ]),
  );
}
