/** `GET /v1/jobs/:id/events`: what happens to a job, as server-sent events. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Job } from '../../jobs/job.ts';
import { jobNotFound } from '../../jobs/refusals.ts';
import type { Service } from '../../service.ts';
import { isOver } from '../job-watch.ts';
import { Refusal } from '../refusal.ts';
import { errors } from '../schemas.ts';
import { jobResource, progressResource } from './job-resource.ts';

/** Open streams; each holds a connection. */
export const MAX_STREAMS = 200;
/** Milliseconds between two comments that keep proxies from hanging up. */
const COMMENT_MS = 15_000;
/** Between two looks at the store, for what another process did. */
const LOOK_MS = 2_000;

export function addEventRoutes(
  app: FastifyInstance,
  { store, watch }: Pick<Service, 'store' | 'watch'>,
): void {
  const open = new Set<EventStream>();
  app.addHook('preClose', async () => {
    for (const stream of open) stream.end();
  });

  app.get<{ Params: { id: string } }>(
    '/v1/jobs/:id/events',
    {
      compress: false,
      schema: {
        summary: 'Events `state` and `progress` of a job, the present state first; ends with the job',
        tags: ['jobs'],
        produces: ['text/event-stream'],
        params: { type: 'object', properties: { id: { type: 'string' } } },
        headers: {
          type: 'object',
          properties: { 'last-event-id': { type: 'string', description: 'what is known is not sent again' } },
        },
        response: {
          // Without a type: of the text, of one event or of its data, readers of the document disagree.
          200: { description: 'server-sent events' },
          204: { type: 'null', description: 'the job is over, and the client knows how' },
          ...errors(404, 429, 503),
        },
      },
    },
    (request, reply) => {
      const { id } = request.params;
      const job = store.get(id);
      if (job === null) throw jobNotFound(id);
      const known = request.headers['last-event-id'];
      if (isOver(job) && known === idOf(job)) return reply.code(204).send(); // tells an EventSource to stay away
      if (open.size >= MAX_STREAMS) {
        throw new Refusal('TOO_MANY_STREAMS', `${MAX_STREAMS} event streams are open, which is the limit`);
      }
      const stream = new EventStream();
      open.add(stream);
      if (known !== idOf(job)) stream.tell(job);
      const look = () => {
        try {
          const now = store.get(id);
          if (now === null) stream.end();
          else stream.tell(now);
        } catch {
          // the store is away for a moment; the stream goes on
        }
      };
      const timer = setInterval(look, LOOK_MS);
      const comment = setInterval(() => stream.comment(), COMMENT_MS);
      const leave = watch.follow(id, (now) => stream.tell(now));
      stream.once('close', () => {
        leave();
        clearInterval(timer);
        clearInterval(comment);
        open.delete(stream);
      });
      return reply
        .type('text/event-stream; charset=utf-8')
        .header('cache-control', 'no-store')
        .header('x-accel-buffering', 'no')
        .send(stream);
    },
  );
}

/** Events to one client. A slow one misses progress, never a state. */
class EventStream extends Readable {
  #last: Job | null = null;
  #lastId = '';
  #hasRoom = true;

  override _read(): void {
    this.#hasRoom = true;
  }

  tell(job: Job): void {
    if (this.destroyed || this.readableEnded) return;
    const isNewState = job.state !== this.#last?.state || job.attempt !== this.#last.attempt;
    // The store is some heartbeats behind the runner.
    const isOlder = !isNewState && (job.progress?.done ?? 0) < (this.#last?.progress?.done ?? 0);
    if (isOlder) return;
    const id = idOf(job);
    if (id === this.#lastId || (!isNewState && !this.#hasRoom)) return;
    this.#last = job;
    this.#lastId = id;
    const data = isNewState ? jobResource(job) : { id: job.id, state: job.state, ...progressResource(job) };
    this.#push(`id: ${id}\nevent: ${isNewState ? 'state' : 'progress'}\ndata: ${JSON.stringify(data)}\n\n`);
    if (isOver(job)) this.end();
  }

  comment(): void {
    if (!this.destroyed && this.#hasRoom) this.#push(':\n\n');
  }

  end(): void {
    if (!this.destroyed && !this.readableEnded) this.push(null);
  }

  #push(text: string): void {
    this.#hasRoom = this.push(text);
  }
}

/** Names what an event says; the same news have the same id. */
function idOf({ state, attempt, progress, queuePosition }: Job): string {
  const news = JSON.stringify([state, attempt, progress?.done ?? null, queuePosition]);
  return createHash('sha256').update(news).digest('hex').slice(0, 16);
}
