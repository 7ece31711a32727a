/** One request per turn of the event loop: a probe never waits behind all that came in the same moment. */
import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Cheap, and asked for by whoever would restart a gateway that is late: it is answered before the others. */
    isProbe?: boolean;
  }
}

/**
 * Call before any other hook is added. Whoever is gone before the turn comes is passed over, and so is a request whose
 * rest was no HTTP: its connection was closed with 400.
 */
export function takeTurns(app: FastifyInstance): void {
  const turns = new Turns();
  app.addHook('onRequest', (request, _, done) => {
    if (request.routeOptions.config.isProbe) done();
    else
      turns.take(() => {
        if (!request.raw.socket.destroyed) done();
      });
  });
}

/** Tasks in the order in which they came, with a look at the sockets between any two. */
export class Turns {
  readonly #waiting: (() => void)[] = [];

  take(task: () => void): void {
    this.#waiting.push(task);
    if (this.#waiting.length === 1) setImmediate(this.#next);
  }

  readonly #next = (): void => {
    const task = this.#waiting.shift();
    if (this.#waiting.length > 0) setImmediate(this.#next);
    task?.();
  };
}
