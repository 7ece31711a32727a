/** The router: plugins, limits and routes. It owns no socket. */
import compress from '@fastify/compress';
import multipart from '@fastify/multipart';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { ApiKeys } from '../security/api-keys.ts';
import { addGate } from '../security/gate.ts';
import { Tickets } from '../security/tickets.ts';
import type { Service } from '../service.ts';
import { FORM_LIMITS } from '../uploads/receive.ts';
import { limitBodyBytes } from './body-budget.ts';
import { limitBodyTime } from './body-time.ts';
import { answerFailures, asPoseError, sendFailure } from './failures.ts';
import { addHealthRoutes } from './legacy/health.ts';
import { addHybridRoutes } from './legacy/hybrid.ts';
import { addUploadRoutes } from './legacy/upload.ts';
import { addVideoRoutes } from './legacy/video.ts';
import { addMetricsRoute, timeRequests } from './metrics.ts';
import { misfitsInWords } from './misfits.ts';
import { addOpenApi } from './openapi.ts';
import { parseJson, parseQuery } from './parsing.ts';
import { addProbeRoutes } from './probes.ts';
import { logRequests } from './request-log.ts';
import { ERROR_SCHEMA } from './schemas.ts';
import { takeTurns } from './turns.ts';
import { addEventRoutes } from './v1/events.ts';
import { addFileRoutes } from './v1/files.ts';
import { addJobRoutes } from './v1/jobs.ts';
import { addPictureRoutes } from './v1/pictures.ts';
import { addRenditionRoutes } from './v1/renditions.ts';
import { addResultRoutes } from './v1/results.ts';
import { addStatsRoutes } from './v1/stats.ts';
import { addTicketRoute } from './v1/tickets.ts';
import { addTimelineRoute } from './v1/timeline.ts';
import { addViewer } from './viewer.ts';

/** Bytes under which an answer is sent as it is. */
const COMPRESS_FROM_BYTES = 1_024;

export async function buildApp(service: Service, keys: ApiKeys | null): Promise<FastifyInstance> {
  const { config, log } = service;
  const app: FastifyInstance = fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    bodyLimit: config.maxBodyBytes,
    trustProxy: config.trustProxy.length > 0 ? [...config.trustProxy] : false,
    frameworkErrors: (error, request, reply) => void sendFailure(asPoseError(error), request, reply),
    forceCloseConnections: false,
    routerOptions: { maxParamLength: 100, ignoreTrailingSlash: true, querystringParser: parseQuery },
    // Schemas of answers document them; what is sent is what the route gave.
    schemaController: { compilersFactory: { buildSerializer: () => () => JSON.stringify } },
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, verbose: true } },
    schemaErrorFormatter: misfitsInWords,
  });
  app.addSchema(ERROR_SCHEMA);
  takeTurns(app);
  parseJson(app);
  answerFailures(app, () => service.figures.placeS(config.concurrentJobs));
  logRequests(app);
  timeRequests(app, service);
  await app.register(compress, {
    global: true,
    globalDecompression: false, // a small body must not become a large one
    threshold: COMPRESS_FROM_BYTES,
    encodings: ['gzip', 'deflate'],
    zlibOptions: { level: 1 }, // of 138 kB of frames: 0.9 ms and 58 kB; level 6 takes 5.2 ms for 52 kB
  });
  const tickets = new Tickets();
  await addGate(app, config, keys, tickets);
  await app.register(multipart, { limits: FORM_LIMITS });
  limitBodyBytes(app, config.maxBodyBytes);
  limitBodyTime(app, config.bodyTimeoutMs);
  await addOpenApi(app);
  await app.register(async (routes) => {
    addProbeRoutes(routes, service);
    addHealthRoutes(routes, service);
    addHybridRoutes(routes, service);
    addPictureRoutes(routes, service);
    addVideoRoutes(routes, service);
    addUploadRoutes(routes, service);
    addJobRoutes(routes, service);
    addEventRoutes(routes, service);
    await addResultRoutes(routes, service);
    addFileRoutes(routes, service);
    addRenditionRoutes(routes, service);
    addTimelineRoute(routes, service);
    addTicketRoute(routes, service, tickets);
    addStatsRoutes(routes, service);
    addMetricsRoute(routes, service);
    await addViewer(routes);
  });
  await app.ready();
  return app;
}
