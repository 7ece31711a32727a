/** The OpenAPI document is made of the routes' schemas: every route is in it, and every answer fits. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FIGURES, HAS_PYTHON, PICTURE, type Rig, renderVideo, startGateway } from './rig.ts';

const folder = mkdtempSync(join(tmpdir(), 'pose-openapi-'));
const clip = join(folder, 'clip.mp4');

describe.skipIf(!HAS_PYTHON)('GET /openapi.json', () => {
  let rig: Rig;
  // biome-ignore lint/suspicious/noExplicitAny: a document of documents
  let api: any;
  let job: string;

  beforeAll(async () => {
    renderVideo(clip, 0.5);
    rig = await startGateway([...FIGURES, '--root', folder]);
    api = (await rig.get('/openapi.json')).body;
    job = (await rig.post('/pose/video', { video_path: clip })).body.job_id;
  });
  afterAll(async () => {
    await rig.close();
    rmSync(folder, { recursive: true });
  });

  test('has every route', () => {
    const routes = Object.entries(api.paths as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(routes.toSorted()).toEqual(
      [
        'DELETE /v1/jobs/{id}',
        'GET /api/pose/health',
        'GET /api/pose/pool-status',
        'GET /health',
        'GET /livez',
        'GET /metrics',
        'GET /pose/video/status/{job_id}',
        'GET /readyz',
        'GET /v1/jobs',
        'GET /v1/jobs/{id}',
        'GET /v1/jobs/{id}/bodies.f32',
        'GET /v1/jobs/{id}/bodies.jsonl',
        'GET /v1/jobs/{id}/events',
        'GET /v1/jobs/{id}/exports/{format}',
        'GET /v1/jobs/{id}/frames',
        'GET /v1/jobs/{id}/overlay.mp4',
        'GET /v1/jobs/{id}/poses.jsonl',
        'GET /v1/jobs/{id}/report',
        'GET /v1/jobs/{id}/source',
        'GET /v1/jobs/{id}/summary.json',
        'GET /v1/jobs/{id}/timeline',
        'GET /v1/stats',
        'POST /api/upload-video-with-pose',
        'POST /pose/batch',
        'POST /pose/hybrid',
        'POST /pose/video',
        'POST /v1/frames',
        'POST /v1/jobs',
        'POST /v1/jobs/{id}/retry',
        'POST /v1/jobs/{id}/tickets',
      ].toSorted(),
    );
    expect(api.openapi).toBe('3.1.0');
    expect(Object.keys(api.components.schemas).toSorted()).toEqual(['Error', 'Job']);
  });

  const picture = { image_base64: PICTURE.toString('base64') };
  test.for([
    ['get', '/health', '/health', undefined, 200],
    ['get', '/api/pose/health', '/api/pose/health', undefined, 200],
    ['get', '/api/pose/pool-status', '/api/pose/pool-status', undefined, 200],
    ['get', '/readyz', '/readyz', undefined, 200],
    ['post', '/pose/video', '/pose/video', { video_path: clip }, 200],
    ['post', '/pose/video', '/pose/video', {}, 400],
    ['get', '/pose/video/status/{job_id}', '/pose/video/status/JOB', undefined, 200],
    ['get', '/pose/video/status/{job_id}', '/pose/video/status/nope', undefined, 404],
    ['post', '/pose/hybrid', '/pose/hybrid', picture, 200],
    ['post', '/pose/hybrid', '/pose/hybrid', {}, 400],
    ['post', '/pose/batch', '/pose/batch', { images: [picture, { image_base64: 'AAAA' }] }, 200],
    ['post', '/v1/jobs', '/v1/jobs', { video_path: clip }, 202],
    ['post', '/v1/jobs', '/v1/jobs', { video_path: 1 }, 400],
    ['get', '/v1/jobs', '/v1/jobs', undefined, 200],
    ['get', '/v1/jobs/{id}', '/v1/jobs/JOB', undefined, 200],
    ['get', '/v1/jobs/{id}/frames', '/v1/jobs/JOB/frames', undefined, 200],
    ['get', '/v1/jobs/{id}/timeline', '/v1/jobs/JOB/timeline', undefined, 200],
    ['post', '/v1/jobs/{id}/tickets', '/v1/jobs/JOB/tickets', {}, 201],
    ['get', '/v1/stats', '/v1/stats', undefined, 200],
  ] as const)('the answer to %s %s fits: %s', async ([method, path, url, asked, status]) => {
    const target = url.replace('JOB', job);
    const answer = method === 'get' ? await rig.get(target) : await rig.post(target, asked);
    expect(answer.status).toBe(status);
    const { content } = api.paths[path][method].responses[status];
    const ajv = new Ajv2020({ strict: false, formats: { uuid: /^[0-9a-f-]{36}$/ } });
    ajv.addSchema(api, 'api');
    const schema = JSON.parse(JSON.stringify(content['application/json'].schema).replaceAll('"#/', '"api#/'));
    expect(ajv.validate(schema, answer.body) ? [] : ajv.errors).toEqual([]);
  });

  test('every route says what it answers when all is well', () => {
    for (const [path, methods] of Object.entries(
      api.paths as Record<string, Record<string, { responses: object }>>,
    )) {
      for (const { responses } of Object.values(methods)) {
        expect(
          Object.keys(responses).some((status) => status.startsWith('2')),
          path,
        ).toBe(true);
      }
    }
  });

  test('errors are JSON on every route, whatever it sends when all is well', () => {
    for (const methods of Object.values(api.paths as Record<string, Record<string, { responses: object }>>)) {
      for (const { responses } of Object.values(methods)) {
        for (const [status, { content }] of Object.entries(
          responses as Record<string, { content?: object }>,
        )) {
          if (Number(status) < 400 || status === '503') continue; // 503 is an answer of the probes too
          expect(Object.keys(content ?? {})).toEqual(['application/json']);
        }
      }
    }
  });

  test.for([
    ['get', '/v1/jobs', '/v1/jobs?after=nobody', 404],
    ['get', '/v1/jobs', '/v1/jobs?limit=many', 400],
    ['get', '/v1/jobs/{id}/summary.json', '/v1/jobs/JOB/summary.json?nonsense=1', 400],
    ['get', '/v1/jobs/{id}', '/v1/jobs/%zz', 400],
    ['get', '/v1/jobs/{id}', `/v1/jobs/${'x'.repeat(200)}`, 414],
    ['post', '/v1/frames', '/v1/frames', 400],
    ['post', '/v1/jobs/{id}/retry', '/v1/jobs/nobody/retry', 404],
  ] as const)('%s %s: %s is %i, and the document says so', async ([method, path, url, status]) => {
    const answer = await rig.get(url.replace('JOB', job), { method });
    expect(answer).toMatchObject({ status, body: { code: expect.any(String) } });
    expect(Object.keys(api.paths[path][method].responses)).toContain(String(status));
  });

  test('what the gate refuses is documented for all but the probes', () => {
    for (const [path, methods] of Object.entries(
      api.paths as Record<string, Record<string, { responses: object }>>,
    )) {
      for (const { responses } of Object.values(methods)) {
        const isOpen = ['/livez', '/readyz', '/health'].includes(path);
        expect(Object.keys(responses).includes('401'), path).toBe(!isOpen);
      }
    }
  });
});
