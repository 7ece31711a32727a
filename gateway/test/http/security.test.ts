/** Who is answered, how much, and with which headers; what a log never holds. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exchange } from './raw.ts';
import { FIGURES, HAS_PYTHON, type Rig, startGateway } from './rig.ts';

const FIRST = 'first-key-0123456789abcdef';
const SECOND = 'second-key-0123456789abcdef';
const folder = mkdtempSync(join(tmpdir(), 'pose-security-'));
const keysFile = join(folder, 'keys');
afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(!HAS_PYTHON)('with API keys', () => {
  let rig: Rig;
  beforeAll(async () => {
    writeFileSync(keysFile, `# the back end\n${FIRST}\n`);
    rig = await startGateway([...FIGURES, '--api-keys-file', keysFile, '--debug']);
  });
  afterAll(() => rig.close());

  const withKey = (key: string) =>
    rig.get('/api/pose/health', { headers: { authorization: `Bearer ${key}` } });

  test.for([
    'GET /api/pose/health',
    'GET /api/pose/pool-status',
    'POST /pose/video',
    'POST /pose/hybrid',
    'POST /pose/batch',
    'GET /pose/video/status/x',
    'POST /api/upload-video-with-pose',
    'GET /metrics',
    'GET /v1/stats',
    'GET /v1/jobs',
    'POST /v1/jobs',
    'GET /v1/jobs/x',
    'GET /v1/jobs/x/events',
    'GET /v1/jobs/x/frames',
    'GET /v1/jobs/x/overlay.mp4',
    'GET /v1/jobs/x/report',
    'GET /v1/jobs/x/exports/csv',
    'DELETE /v1/jobs/x',
    'POST /v1/jobs/x/retry',
    'POST /v1/frames',
    'GET /openapi.json',
    'GET /nowhere',
  ])('%s without a key is 401', async (route) => {
    const [method = '', path = ''] = route.split(' ');
    expect(await rig.get(path, { method })).toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED' } });
  });

  test.for(['/livez', '/readyz', '/health'])('GET %s needs none', async (path) => {
    expect((await rig.get(path)).status).toBe(200);
  });

  test('a key is taken in either header, and no other value of it', async () => {
    expect((await withKey(FIRST)).status).toBe(200);
    expect((await rig.get('/v1/jobs', { headers: { 'x-api-key': FIRST } })).status).toBe(200);
    for (const wrong of ['nope', `${FIRST}x`, FIRST.toUpperCase(), '']) {
      expect((await withKey(wrong)).status).toBe(401);
    }
    expect((await rig.get('/v1/jobs', { headers: { authorization: `Basic ${FIRST}` } })).status).toBe(401);
  });

  test('keys are changed without a restart', async () => {
    writeFileSync(keysFile, `${SECOND}\n`);
    await expect.poll(async () => (await withKey(SECOND)).status, { timeout: 5_000 }).toBe(200);
    expect((await withKey(FIRST)).status).toBe(401);
  });

  test('no key is ever in the log', async () => {
    await withKey('a-wrong-key-0123456789');
    const logs = readdirSync(join(rig.dataDir, 'logs'))
      .filter((name) => name.includes('gateway'))
      .map((name) => readFileSync(join(rig.dataDir, 'logs', name), 'utf8'));
    const all = JSON.stringify(rig.lines) + logs.join('');
    expect(all).toContain('/api/pose/health');
    for (const key of [FIRST, SECOND, 'a-wrong-key']) expect(all).not.toContain(key);
  });
});

describe.skipIf(!HAS_PYTHON)('without keys', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startGateway([
      ...FIGURES,
      '--requests-per-minute',
      '50',
      '--cors-origin',
      'https://app.example.org',
    ]);
  });
  afterAll(() => rig.close());

  test('a page of a foreign domain that points here is refused', async () => {
    const ask = (host: string) =>
      exchange(rig.url, `GET /v1/jobs HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`, {
        ends: false,
      });
    expect(await ask('evil.example.org')).toMatch(/^HTTP\/1\.1 403 [\s\S]*HOST_NOT_ALLOWED/);
    expect(await ask('localhost:5000')).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('every answer has the headers that keep browsers from guessing', async () => {
    for (const path of ['/health', '/v1/jobs', '/nowhere']) {
      const { headers } = await rig.get(path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('server')).toBeNull();
      expect(headers.get('x-powered-by')).toBeNull();
    }
  });

  test('a page is allowed in only from the origins that are named', async () => {
    const from = (origin: string) => rig.get('/health', { headers: { origin } });
    expect((await from('https://app.example.org')).headers.get('access-control-allow-origin')).toBe(
      'https://app.example.org',
    );
    expect((await from('https://evil.example.org')).headers.get('access-control-allow-origin')).toBeNull();
  });

  test('an address that asks too often gets 429 and when to come again; probes are free', async () => {
    let limited: Awaited<ReturnType<Rig['get']>> | null = null;
    for (let count = 0; count < 60 && limited?.status !== 429; count += 1)
      limited = await rig.get('/v1/jobs');
    expect(limited).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED', retryable: true } });
    expect(Number(limited?.headers.get('retry-after'))).toBeGreaterThan(0);
    for (let count = 0; count < 60; count += 1) expect((await rig.get('/livez')).status).toBe(200);
    expect((await rig.get('/readyz')).status).toBe(200);
  });
});

test.skipIf(!HAS_PYTHON)('no origin is allowed in unless one is named', async () => {
  const rig = await startGateway(FIGURES, { isReady: false });
  try {
    const headers = { origin: 'https://app.example.org' };
    expect((await rig.get('/livez', { headers })).headers.get('access-control-allow-origin')).toBeNull();
    const preflight = await rig.get('/v1/jobs', {
      method: 'OPTIONS',
      headers: { ...headers, 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(404);
  } finally {
    await rig.close();
  }
});
