/** Files of a job: the source with ranges, results as downloads, tickets instead of keys, and the page itself. */
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FIGURES, HAS_PYTHON, type Rig, ROOT, renderVideo, SLOW_FIGURES, startGateway } from './rig.ts';

const folder = mkdtempSync(join(tmpdir(), 'pose-files-'));
const clip = join(folder, 'clip.mp4');
const KEY = 'a-key-of-more-than-sixteen-characters';
const HAS_PAGE = existsSync(join(ROOT, 'gateway', 'dist', 'web', 'index.html'));

async function finished(rig: Rig, path: string, headers: Record<string, string> = {}): Promise<string> {
  const { body } = await rig.post('/v1/jobs', { video_path: path }, { headers });
  await rig.get(`/v1/jobs/${body.id}/events`, { headers }); // ends with the job
  expect((await rig.get(`/v1/jobs/${body.id}`, { headers })).body.state).toBe('completed');
  return body.id;
}

describe.skipIf(!HAS_PYTHON)('files of a job', () => {
  let rig: Rig;
  let id: string;

  beforeAll(async () => {
    renderVideo(clip, 0.5);
    rig = await startGateway([...FIGURES, '--root', folder]);
    id = await finished(rig, clip);
  });
  afterAll(() => rig.close());

  test('the source comes whole and by ranges', async () => {
    const whole = await fetch(`${rig.url}/v1/jobs/${id}/source`);
    expect(whole.headers.get('content-type')).toBe('video/mp4');
    expect(whole.headers.get('accept-ranges')).toBe('bytes');
    expect(Buffer.from(await whole.arrayBuffer())).toEqual(readFileSync(clip));
    const part = await fetch(`${rig.url}/v1/jobs/${id}/source`, { headers: { range: 'bytes=10-19' } });
    expect(part.status).toBe(206);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(readFileSync(clip).subarray(10, 20));
  });

  test.for(['a b%20c#d?.mp4', 'größe.mp4', '..odd..mp4', '.hidden.mp4', 'page.html', 'x.svg'])(
    'a video called %s comes as it is, and never as a page',
    async (name) => {
      const path = join(folder, name);
      copyFileSync(clip, path);
      const other = await finished(rig, path);
      const answer = await fetch(`${rig.url}/v1/jobs/${other}/source`);
      expect(answer.status).toBe(200);
      const isVideo = name.endsWith('.mp4');
      expect(answer.headers.get('content-type')).toBe(isVideo ? 'video/mp4' : 'application/octet-stream');
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect((await answer.arrayBuffer()).byteLength).toBe(readFileSync(clip).length);
    },
  );

  test.for([
    ['poses.jsonl', 'application/x-ndjson; charset=utf-8'],
    ['summary.json', 'application/json; charset=utf-8'],
  ] as const)('%s is a download', async ([name, type]) => {
    const answer = await fetch(`${rig.url}/v1/jobs/${id}/${name}`);
    expect(answer.headers.get('content-type')).toBe(type);
    expect(answer.headers.get('content-disposition')).toContain(`attachment; filename="clip.${name}"`);
    const { result } = (await rig.get(`/v1/jobs/${id}`)).body;
    expect(await answer.text()).toBe(readFileSync(join(result.directory, name), 'utf8'));
  });

  test.for(['bodies.jsonl', 'bodies.f32'])('%s of a result without bodies is 410', async (file) => {
    expect(await rig.get(`/v1/jobs/${id}/${file}`)).toMatchObject({
      status: 410,
      body: { code: 'RESULT_GONE', error: 'this result has no bodies' },
    });
  });

  test.for(['source', 'poses.jsonl', 'summary.json', 'bodies.f32', 'timeline'])(
    '%s of no job is 404',
    async (file) => {
      expect(await rig.get(`/v1/jobs/nope/${file}`)).toMatchObject({
        status: 404,
        body: { code: 'JOB_NOT_FOUND' },
      });
    },
  );

  test('a source that is gone is 410', async () => {
    const path = join(folder, 'gone.mp4');
    copyFileSync(clip, path);
    const other = await finished(rig, path);
    rmSync(path);
    expect(await rig.get(`/v1/jobs/${other}/source`)).toMatchObject({
      status: 410,
      body: { code: 'RESULT_GONE' },
    });
  });

  test('an unfinished job has a source and no results', async () => {
    const slow = await startGateway([...SLOW_FIGURES, '--root', folder]);
    try {
      const { body } = await slow.post('/v1/jobs', { video_path: clip });
      expect((await slow.get(`/v1/jobs/${body.id}/source`)).status).toBe(200);
      for (const file of ['poses.jsonl', 'summary.json', 'timeline']) {
        expect(await slow.get(`/v1/jobs/${body.id}/${file}`)).toMatchObject({
          status: 409,
          body: { code: 'NO_RESULT_YET' },
        });
      }
    } finally {
      await slow.close();
    }
  });

  test('the timeline has a time for every frame', async () => {
    const { body } = await rig.get(`/v1/jobs/${id}/timeline`);
    expect(body.total_frames).toBe(15);
    expect(body.times_s).toHaveLength(15);
    expect(body.header.size).toEqual({ width: 160, height: 120 });
    expect(body.persons).toEqual([{ id: 1, runs: [[0, 14, 'detected']] }]);
  });
});

describe.skipIf(!HAS_PYTHON)('behind a key', () => {
  const headers = { 'x-api-key': KEY };
  let rig: Rig;
  let id: string;
  let ticket: string;

  beforeAll(async () => {
    const keys = join(folder, 'keys');
    writeFileSync(keys, `${KEY}\n`);
    rig = await startGateway([...FIGURES, '--root', folder, '--api-keys-file', keys]);
    id = await finished(rig, clip, headers);
    const answer = await rig.post(`/v1/jobs/${id}/tickets`, {}, { headers });
    expect(answer.status).toBe(201);
    ticket = answer.body.ticket;
  });
  afterAll(async () => {
    await rig.close();
    rmSync(folder, { recursive: true });
  });

  test.for(['source', 'overlay.mp4', 'poses.jsonl', 'summary.json'])('a ticket reads %s', async (file) => {
    expect((await rig.get(`/v1/jobs/${id}/${file}`)).status).toBe(401);
    expect((await rig.get(`/v1/jobs/${id}/${file}?ticket=wrong`)).status).toBe(401);
    expect((await rig.get(`/v1/jobs/${id}/${file}?ticket=${ticket}`)).status).toBe(200);
  });

  test('a ticket does nothing else', async () => {
    for (const [method, path] of [
      ['GET', `/v1/jobs/${id}`],
      ['GET', '/v1/jobs'],
      ['DELETE', `/v1/jobs/${id}`],
      ['POST', `/v1/jobs/${id}/tickets`],
      ['GET', `/v1/jobs/${crypto.randomUUID()}/source`],
    ] as const) {
      expect((await rig.get(`${path}?ticket=${ticket}`, { method })).status, `${method} ${path}`).toBe(401);
    }
  });

  test('no ticket without a key, and none for no job', async () => {
    expect((await rig.post(`/v1/jobs/${id}/tickets`, {})).status).toBe(401);
    expect((await rig.post('/v1/jobs/nope/tickets', {}, { headers })).status).toBe(404);
  });

  test.skipIf(!HAS_PAGE)('the page is open, loads only from here, and its assets are kept', async () => {
    const page = await rig.get('/');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    const assets = String(page.body).match(/\/assets\/[\w.-]+/g) ?? [];
    expect(assets.length).toBeGreaterThan(1);
    for (const asset of assets) {
      const { status, headers: facts } = await rig.get(asset);
      expect([status, facts.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable']);
    }
    expect(await rig.get('/assets/nope.js')).toMatchObject({
      status: 404,
      body: { code: 'ROUTE_NOT_FOUND' },
    });
    for (const path of [
      '/assets',
      '/assets/',
      '/assets/..%2findex.html',
      '/assets/%00',
      '/assets/%2e%2e%2findex.html',
    ])
      expect([400, 401, 403, 404], path).toContain((await rig.get(path)).status);
    expect((await rig.get('/assets/../../package.json')).status).toBe(401);
  });

  test.skipIf(!HAS_PAGE)('an asset that is built while the gateway runs is there', async () => {
    const path = join(ROOT, 'gateway', 'dist', 'web', 'assets', `built-later-${process.pid}.css`);
    expect((await rig.get(`/assets/${basename(path)}`)).status).toBe(404);
    writeFileSync(path, '.late { color: red }');
    try {
      const late = await rig.get(`/assets/${basename(path)}`);
      expect([late.status, late.body]).toEqual([200, '.late { color: red }']);
      expect(late.headers.get('content-type')).toContain('text/css');
    } finally {
      rmSync(path);
    }
  });
});
