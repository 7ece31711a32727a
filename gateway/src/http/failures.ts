/** Whatever a route throws becomes one answer: a status, a text, a code, a next step. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PoseError } from 'pose-sidecar';
import { JobError } from '../jobs/job-error.ts';
import { statusOf } from './error-codes.ts';
import { JobFailedError } from './job-failed.ts';
import { Refusal, sentenceOf } from './refusal.ts';

/** Milliseconds that a refused body is still read. */
const LINGER_MS = 1_000;
/** Seconds, where the error does not say. */
const RETRY_AFTER_S = 5;

export interface ErrorBody {
  /** In words; on the old routes the old words. */
  readonly error: string;
  readonly code: string;
  readonly hint: string | null;
  readonly retryable: boolean;
  /** Epoch seconds. */
  readonly timestamp: number;
  /** Seconds since the request came in. */
  readonly elapsed_s: number;
  readonly [field: string]: unknown;
}

/** How a route words an error; the old ones have their own texts. */
export type Wording = (error: PoseError) => { readonly error: string; readonly [field: string]: unknown };

declare module 'fastify' {
  interface FastifyContextConfig {
    wording?: Wording;
  }
}

/** @param placeS Seconds until a place in a full queue of jobs is likely to be free. */
export function answerFailures(app: FastifyInstance, placeS: () => number): void {
  app.setErrorHandler((thrown: unknown, request, reply) => {
    const error = asPoseError(thrown as FastifyError);
    const status = answerStatus(error);
    if (status >= 500) {
      const facts = { ...(error instanceof JobFailedError ? error.facts : {}), code: error.code };
      if (error.code === 'INTERNAL') request.log.error({ ...facts, err: error }, error.message);
      else request.log.warn(facts, error.message);
    }
    const isQueue = error instanceof JobError && error.code === 'QUEUE_FULL';
    return sendFailure(error, request, reply, isQueue ? placeS() : undefined);
  });
  app.setNotFoundHandler((request, reply) => {
    const sentence = `there is no ${request.method} ${request.url.split('?')[0]}`;
    return sendFailure(
      new Refusal('ROUTE_NOT_FOUND', sentence, { hint: 'See /openapi.json.' }),
      request,
      reply,
    );
  });
}

export function sendFailure(
  error: PoseError,
  request: FastifyRequest,
  reply: FastifyReply,
  retryAfterS: number | null = error instanceof Refusal ? error.retryAfterS : null,
): FastifyReply {
  const status = answerStatus(error);
  if (status === 429 || status === 503) {
    void reply.header('retry-after', String(retryAfterS ?? RETRY_AFTER_S));
  }
  if (!request.raw.complete) linger(request.raw, reply.raw);
  return reply
    .code(status)
    .type('application/json; charset=utf-8')
    .send(failureBody(error, request, reply));
}

export function failureBody(error: PoseError, request: FastifyRequest, reply: FastifyReply): ErrorBody {
  const wording = request.routeOptions.config.wording;
  return {
    error: sentenceOf(error),
    code: error.code,
    hint: error.hint,
    retryable: error.retryable,
    timestamp: Date.now() / 1000,
    elapsed_s: Math.round(reply.elapsedTime) / 1000,
    ...(error instanceof Refusal ? error.fields : {}),
    ...wording?.(error),
  };
}

function answerStatus(error: PoseError): number {
  return error instanceof JobFailedError ? error.status : statusOf(error.code);
}

/** Fastify's own errors, by what they mean. */
export function asPoseError(error: FastifyError): PoseError {
  if (error instanceof PoseError) return error;
  const { message, code, statusCode, validation } = error;
  if (validation) {
    return new Refusal('INVALID_REQUEST', message, { hint: 'See /openapi.json.' });
  }
  if (statusCode === 413) return new Refusal('BODY_TOO_LARGE', message, { cause: error });
  if (statusCode === 415 || code === 'FST_INVALID_MULTIPART_CONTENT_TYPE') {
    return new Refusal('UNSUPPORTED_MEDIA_TYPE', message, { hint: 'See /openapi.json.' });
  }
  if (statusCode === 414) return new Refusal('PATH_TOO_LONG', 'a part of the path is too long');
  if (statusCode === 416) return new Refusal('RANGE_NOT_SATISFIABLE', 'the file has no such range of bytes');
  if (statusCode === 429) return new Refusal('RATE_LIMITED', message);
  if (statusCode !== undefined && statusCode < 500)
    return new Refusal('INVALID_REQUEST', message, { cause: error });
  return new PoseError('INTERNAL', 'the gateway failed on this request', {
    cause: error,
    hint: 'The log has the details.',
    retryable: false,
  });
}

/**
 * The rest of a body that nobody wants is read for a moment and thrown away: a socket that is closed over unread bytes
 * takes the answer with it.
 */
function linger(request: IncomingMessage, response: ServerResponse): void {
  request.unpipe().resume();
  response.once('finish', () => {
    const timer = setTimeout(() => request.destroy(), LINGER_MS);
    request.once('close', () => clearTimeout(timer));
  });
}
