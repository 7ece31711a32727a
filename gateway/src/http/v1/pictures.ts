/** `POST /v1/frames`: people in one picture, sent as it is. */
import type { FastifyInstance } from 'fastify';
import type { PoseResult } from 'pose-sidecar';
import type { Service } from '../../service.ts';
import { checkPixels } from '../../uploads/image-size.ts';
import { disconnectSignal } from '../disconnect.ts';
import { Refusal } from '../refusal.ts';
import { rowsOf } from '../rows.ts';
import { errors } from '../schemas.ts';
import { traceOf } from '../trace.ts';

const PICTURE_TYPES = ['image/jpeg', 'image/png', 'image/webp', 'application/octet-stream'];

export function addPictureRoutes(app: FastifyInstance, { pool, readiness, config }: Service): void {
  app.addContentTypeParser(PICTURE_TYPES, { parseAs: 'buffer' }, (_, body, done) => done(null, body));

  app.post<{ Body: Buffer | undefined; Querystring: { min_score?: number } }>(
    '/v1/frames',
    {
      config: { onlyAsks: true },
      schema: {
        summary: 'People in one picture; the body is the JPEG, PNG or WebP file itself',
        tags: ['pictures'],
        consumes: PICTURE_TYPES,
        querystring: {
          type: 'object',
          additionalProperties: false,
          properties: { min_score: { type: 'number', minimum: 0, maximum: 1 } },
        },
        response: { 200: RESULT_SCHEMA, ...errors(400, 408, 413, 415, 429, 503) },
      },
    },
    async (request, reply) => {
      readiness.check();
      const trace = traceOf(request.headers);
      const { min_score: minScore } = request.query;
      const picture = pictureOf(request.body);
      checkPixels(picture, config.maxPixels);
      const result = await pool.estimate(picture, {
        signal: disconnectSignal(reply.raw),
        ...(trace === undefined ? {} : { trace }),
        ...(minScore === undefined ? {} : { minScore }),
      });
      return shaped(result);
    },
  );
}

/** A request without a body and its type gets past every parser. */
function pictureOf(body: Buffer | undefined): Buffer {
  if (body !== undefined && body.length > 0) return body;
  throw new Refusal('INVALID_REQUEST', 'the request has no body: it must be the picture itself', {
    hint: 'For instance: curl --data-binary @photo.jpg -H "content-type: image/jpeg" …',
  });
}

const RESULT_SCHEMA = {
  type: 'object',
  required: ['width', 'height', 'skeleton', 'persons', 'timings_ms'],
  properties: {
    width: { type: 'integer' },
    height: { type: 'integer' },
    skeleton: { type: 'object' },
    persons: { type: 'array', items: { type: 'object' }, description: 'best first, as in poses.jsonl' },
    timings_ms: { type: 'object', additionalProperties: { type: 'number' } },
  },
} as const;

/** Names as in poses.jsonl. */
function shaped({
  width,
  height,
  skeleton,
  persons,
  timingsMs,
}: PoseResult): Readonly<Record<string, unknown>> {
  return {
    width,
    height,
    skeleton,
    persons: persons.map(({ id, score, provenance, bboxXyxy, keypoints, keypointsWorld }) => ({
      id,
      score,
      provenance,
      bbox_xyxy: bboxXyxy,
      keypoints: rowsOf(keypoints, 4),
      keypoints_world: keypointsWorld === null ? null : rowsOf(keypointsWorld, 3),
    })),
    timings_ms: timingsMs,
  };
}
