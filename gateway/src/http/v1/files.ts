/** The files of a job as they are: the video that was sent, poses.jsonl, summary.json, bodies. */
import { basename, dirname, extname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { POSES_FILE } from '../../results/frame-index.ts';
import type { Service } from '../../service.ts';
import { errors } from '../schemas.ts';
import { asDownload } from './download.ts';
import { jobOf, requireFile, resultOf } from './finished.ts';

interface ById {
  Params: { id: string };
}

/** Only what a browser plays has a type of its own: a file is never shown as a page, whatever it is called. */
const VIDEO_TYPES: Readonly<Record<string, string>> = {
  '.mp4': 'video/mp4',
  '.m4v': 'video/mp4',
  '.mov': 'video/mp4', // QuickTime's own type is refused by browsers that play its H.264
  '.webm': 'video/webm',
  '.mkv': 'video/webm',
  '.ogv': 'video/ogg',
};

interface ResultFile {
  readonly name: string;
  readonly type: string;
  readonly schema: Readonly<Record<string, string>>;
  readonly summary: string;
  /** What is said where a whole result lacks it; every result has the others. */
  readonly lacking?: string;
}

const LINES = 'application/x-ndjson; charset=utf-8';
const NO_BODIES = 'this result has no bodies';
const BODIES_HINT = 'Estimators `hmr2` and `hybrid` find bodies.';

const RESULT_FILES: readonly ResultFile[] = [
  {
    name: POSES_FILE,
    type: LINES,
    schema: { type: 'string' },
    summary: 'Every frame: a header, then one line each',
  },
  {
    name: 'summary.json',
    type: 'application/json; charset=utf-8',
    schema: { type: 'object' },
    summary: 'What was found, in numbers',
  },
  {
    name: 'bodies.jsonl',
    type: LINES,
    schema: { type: 'string' },
    summary: 'Where each body lies in bodies.f32: a header, then one line for each frame with bodies',
    lacking: NO_BODIES,
  },
  {
    name: 'bodies.f32',
    type: 'application/octet-stream',
    schema: { type: 'string', format: 'binary' },
    summary: 'Rotations, shapes and vertices of bodies as float32, with byte ranges',
    lacking: NO_BODIES,
  },
];

const shared = (type: string) => ({
  tags: ['results'],
  produces: [type],
  params: { type: 'object', properties: { id: { type: 'string' } } },
  querystring: {
    type: 'object',
    additionalProperties: false,
    properties: { ticket: { type: 'string', description: 'of /v1/jobs/{id}/tickets, instead of a key' } },
  },
});

/** Call after the result routes, which bring `sendFile`. */
export function addFileRoutes(app: FastifyInstance, { store }: Pick<Service, 'store'>): void {
  const config = { takesTicket: true } as const;

  app.get<ById>(
    '/v1/jobs/:id/source',
    {
      config,
      compress: false,
      schema: {
        ...shared('video/*'),
        summary: 'The video as it was sent, with byte ranges',
        response: { 200: { type: 'string', format: 'binary' }, ...errors(404, 410, 503) },
      },
    },
    async ({ params: { id } }, reply) => {
      const { videoPath } = jobOf(store, id);
      await check(videoPath, 'the video of this job');
      const type = VIDEO_TYPES[extname(videoPath).toLowerCase()] ?? 'application/octet-stream';
      return reply
        .type(type)
        .sendFile(basename(videoPath), dirname(videoPath), { cacheControl: false, contentType: false });
    },
  );

  for (const { name, type, schema, summary, lacking } of RESULT_FILES) {
    app.get<ById>(
      `/v1/jobs/:id/${name}`,
      {
        config,
        ...(name.endsWith('.f32') ? { compress: false } : {}), // byte ranges are of the file
        schema: {
          ...shared(type.split(';')[0] as string),
          summary,
          response: { 200: schema, ...errors(404, 409, 410, 503) },
        },
      },
      async ({ params: { id } }, reply) => {
        const job = jobOf(store, id);
        const { directory } = resultOf(job);
        const path = join(directory, name);
        await check(lacking === undefined ? path : join(directory, POSES_FILE), `${name} of this job`);
        if (lacking !== undefined) await requireFile(path, lacking, BODIES_HINT);
        return reply
          .type(type)
          .header('content-disposition', asDownload(job, name))
          .sendFile(name, directory, { cacheControl: false, contentType: false });
      },
    );
  }
}

async function check(path: string, what: string): Promise<void> {
  await requireFile(path, `${what} is not there any more`, 'Submit the video again.');
}
