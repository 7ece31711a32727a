/** A body that is read into memory must come in time; uploads have clocks of their own. */
import type { FastifyInstance } from 'fastify';
import { Refusal } from './refusal.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route reads its body itself, and watches it. */
    watchesBody?: boolean;
  }
}

export function limitBodyTime(app: FastifyInstance, limitMs: number): void {
  app.addHook('preParsing', async (request, _, payload) => {
    if (request.routeOptions.config.watchesBody || request.raw.complete) return payload;
    const timer = setTimeout(() => {
      const error = new Refusal('BODY_TIMEOUT', `the request body did not come within ${limitMs} ms`, {
        hint: 'Send it faster, or raise bodyTimeoutMs.',
      });
      payload.emit('error', error);
    }, limitMs);
    const stop = () => clearTimeout(timer);
    payload.once('end', stop).once('close', stop).once('error', stop);
    return payload;
  });
}
