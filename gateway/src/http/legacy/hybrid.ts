/** `POST /pose/hybrid` and `POST /pose/batch`: poses of single pictures, in base64, as the previous service took them. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { PoseError } from 'pose-sidecar';
import type { Service } from '../../service.ts';
import { checkPixels } from '../../uploads/image-size.ts';
import { disconnectSignal } from '../disconnect.ts';
import { Refusal, sentenceOf } from '../refusal.ts';
import { errors, nullable } from '../schemas.ts';
import { traceOf } from '../trace.ts';
import { HYBRID_SCHEMA, type HybridAnswer, hybridAnswer, hybridFailure } from './hybrid-answer.ts';

/** Pictures in one batch. */
const MAX_BATCH = 64;

/** Errors that one picture can be the cause of. */
const OF_THE_PICTURE: ReadonlySet<string> = new Set(['INVALID_REQUEST', 'DECODE_FAILED', 'POISON_INPUT']);
/** Nothing is wrong with the picture: there is nobody to look at it. */
const NOBODY_THERE: ReadonlySet<string> = new Set([
  'WARMING_UP',
  'POOL_UNAVAILABLE',
  'POOL_CLOSED',
  'SHUTTING_DOWN',
]);

interface Picture {
  readonly image_base64?: unknown;
  readonly frame_number?: unknown;
}

interface Asked {
  readonly signal: AbortSignal;
  readonly trace: string | undefined;
}

const PICTURE = {
  type: 'object',
  required: ['image_base64'],
  properties: {
    image_base64: { type: 'string', description: 'JPEG, PNG or WebP; a data: prefix is allowed' },
    frame_number: { type: 'integer', default: 0 },
  },
} as const;

export function addHybridRoutes(app: FastifyInstance, service: Service): void {
  const { pool, readiness, config } = service;

  async function answer(picture: Picture, { signal, trace }: Asked): Promise<HybridAnswer> {
    const bytes = bytesOf(picture);
    checkPixels(bytes, config.maxPixels);
    const result = await pool.estimate(bytes, {
      signal,
      faces: true,
      ...(trace === undefined ? {} : { trace }),
    });
    return hybridAnswer(frameNumberOf(picture), result);
  }

  app.post(
    '/pose/hybrid',
    {
      attachValidation: true,
      config: { wording: oldWording, onlyAsks: true },
      schema: {
        summary: 'People in one picture',
        tags: ['previous service'],
        body: PICTURE,
        response: { 200: HYBRID_SCHEMA, ...errors(400, 413, 429, 503) },
      },
    },
    async (request, reply) => {
      readiness.check();
      return answer(objectOf(request.body), asked(request, reply.raw));
    },
  );

  app.post(
    '/pose/batch',
    {
      attachValidation: true,
      config: { wording: oldWording, onlyAsks: true },
      schema: {
        summary:
          'People in several pictures; one that cannot be read does not keep the others from their answer',
        tags: ['previous service'],
        body: {
          type: 'object',
          properties: {
            images: { type: 'array', maxItems: MAX_BATCH, items: PICTURE },
            frames: {
              type: 'array',
              maxItems: MAX_BATCH,
              items: PICTURE,
              description: 'another name of images',
            },
          },
        },
        response: {
          200: {
            type: 'object',
            required: ['results', 'total', 'error'],
            properties: {
              results: { type: 'array', items: HYBRID_SCHEMA },
              total: { type: 'integer' },
              error: nullable('string'),
            },
          },
          ...errors(400, 413, 429, 503),
        },
      },
    },
    async (request, reply) => {
      readiness.check();
      const pictures = picturesOf(objectOf(request.body));
      const settings = asked(request, reply.raw);
      const one = async (picture: Picture, index: number) => {
        try {
          return await answer(picture, settings);
        } catch (error) {
          if (!(error instanceof PoseError) || !OF_THE_PICTURE.has(error.code)) throw error;
          return hybridFailure(frameNumberOf(picture, index), oldWording(error).error);
        }
      };
      const results = await Promise.all(pictures.map(one));
      return { results, total: results.length, error: null };
    },
  );
}

function asked(request: FastifyRequest, response: Parameters<typeof disconnectSignal>[0]): Asked {
  return { signal: disconnectSignal(response), trace: traceOf(request.headers) };
}

function objectOf(body: unknown): Readonly<Record<string, unknown>> {
  return typeof body === 'object' && body !== null ? (body as Readonly<Record<string, unknown>>) : {};
}

function picturesOf({ images, frames }: Readonly<Record<string, unknown>>): readonly Picture[] {
  const given = images ?? frames;
  if (!Array.isArray(given) || given.length === 0)
    throw new Refusal('INVALID_REQUEST', 'Missing images parameter');
  if (given.length > MAX_BATCH) {
    throw new Refusal('INVALID_REQUEST', `a batch holds at most ${MAX_BATCH} images, got ${given.length}`);
  }
  return given.map(objectOf);
}

function bytesOf({ image_base64: text }: Picture): Uint8Array {
  if (typeof text !== 'string' || text === '') {
    throw new Refusal('INVALID_REQUEST', 'Missing image_base64 parameter');
  }
  const encoded = text.replace(/^data:[^,]{0,200},/, '');
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.length === 0) throw new PoseError('DECODE_FAILED', 'the text is not base64');
  return bytes;
}

function frameNumberOf({ frame_number: number }: Picture, fallback = 0): number {
  return typeof number === 'number' && Number.isInteger(number) ? number : fallback;
}

function oldWording(error: PoseError): { readonly error: string; readonly details?: string } {
  const sentence = sentenceOf(error);
  if (error.code === 'DECODE_FAILED') return { error: `Failed to decode image: ${sentence}` };
  if (NOBODY_THERE.has(error.code)) return { error: 'HMR2 model not loaded', details: sentence };
  return { error: sentence };
}
