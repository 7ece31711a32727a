/** Bodies that are read into memory, all clients together, stay within a budget. */
import type { FastifyInstance } from 'fastify';
import { Refusal } from './refusal.ts';

/** The budget, as a multiple of the largest body. */
export const LARGEST_BODIES_AT_ONCE = 8;

const RETRY_AFTER_S = 1;

export function limitBodyBytes(app: FastifyInstance, largest: number): void {
  const budget = LARGEST_BODIES_AT_ONCE * largest;
  let held = 0;
  app.addHook('preParsing', async (request, reply, payload) => {
    if (request.routeOptions.config.watchesBody || request.raw.complete) return payload;
    const announced = Number(request.headers['content-length'] ?? Number.NaN);
    // Who does not say how much it will be may send as much as is allowed.
    const bytes = Number.isFinite(announced) ? Math.min(announced, largest) : largest;
    if (held + bytes > budget) {
      throw new Refusal(
        'TOO_MANY_BYTES',
        `${held} bytes of requests are in memory, the budget is ${budget}`,
        {
          retryAfterS: RETRY_AFTER_S,
          hint: 'Send fewer large bodies at once.',
        },
      );
    }
    held += bytes;
    reply.raw.once('close', () => {
      held -= bytes;
    });
    return payload;
  });
}
