/** What is made of a result when it is asked for: the report, and the file formats of other programs. */
import { basename, dirname } from 'node:path';
import type { FastifyInstance, FastifyReply } from 'fastify';
import {
  EXPORT_FORMAT_NAMES,
  EXPORT_FORMATS,
  type ExportFormat,
  exportOf,
  FILLED,
  type Filled,
  REPORT,
} from '../../results/exports.ts';
import type { Rendition } from '../../results/renditions.ts';
import type { Service } from '../../service.ts';
import { disconnectSignal } from '../disconnect.ts';
import { oneOf } from '../legacy/health.ts';
import { errors } from '../schemas.ts';
import { asDownload } from './download.ts';
import { jobOf, resultOf } from './finished.ts';

const ID = { type: 'string' } as const;
const TICKET = { type: 'string', description: 'of /v1/jobs/{id}/tickets, instead of a key' } as const;
const OF_A_RENDITION = errors(400, 404, 409, 410, 429, 500, 503);

/** Call after the result routes, which bring `sendFile`. */
export function addRenditionRoutes(app: FastifyInstance, service: Service): void {
  const { store, renditions, readiness, config } = service;

  app.get<{ Params: { id: string } }>(
    '/v1/jobs/:id/report',
    {
      config: { takesTicket: true },
      schema: {
        summary: 'One HTML page about the result',
        tags: ['results'],
        produces: ['text/html'],
        params: { type: 'object', properties: { id: ID } },
        querystring: { type: 'object', additionalProperties: false, properties: { ticket: TICKET } },
        response: { 200: { type: 'string' }, ...OF_A_RENDITION },
      },
    },
    async ({ params: { id } }, reply) => {
      const { directory } = resultOf(jobOf(store, id));
      return sendRendition(reply.type('text/html; charset=utf-8'), directory, REPORT);
    },
  );

  app.get<{ Params: { id: string; format: ExportFormat }; Querystring: { filled?: Filled } }>(
    '/v1/jobs/:id/exports/:format',
    {
      config: { takesTicket: true },
      schema: {
        summary: 'The result in the format of another program',
        tags: ['results'],
        produces: Object.values(EXPORT_FORMATS).map(({ type }) => type.split(';')[0] as string),
        params: { type: 'object', properties: { id: ID, format: { enum: EXPORT_FORMAT_NAMES } } },
        querystring: {
          type: 'object',
          additionalProperties: false,
          properties: {
            ticket: TICKET,
            filled: { enum: FILLED, description: 'interpolated and predicted people; default include' },
          },
        },
        response: { 200: { description: 'the file as its format has it' }, ...OF_A_RENDITION },
      },
    },
    async ({ params: { id, format }, query: { filled = 'include' } }, reply) => {
      const job = jobOf(store, id);
      const { directory } = resultOf(job);
      const { file, type } = EXPORT_FORMATS[format];
      void reply.type(type).header('content-disposition', asDownload(job, file));
      return sendRendition(reply, directory, exportOf(format, filled));
    },
  );

  async function sendRendition(reply: FastifyReply, directory: string, rendition: Rendition) {
    const daemon = oneOf(readiness.pool);
    if (daemon === null) readiness.check();
    const python = {
      interpreter: daemon?.interpreter ?? config.python ?? 'python3',
      servicePath: config.servicePath,
    };
    const path = await renditions.of(directory, rendition, python, disconnectSignal(reply.raw));
    return reply.sendFile(basename(path), dirname(path), { cacheControl: false, contentType: false });
  }
}
