/** The previous service's contract before it is ready. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Rig, startGateway } from './rig.ts';

const folder = mkdtempSync(join(tmpdir(), 'pose-contract-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a gateway whose daemons cannot start yet', () => {
  let rig: Rig;
  beforeAll(async () => {
    const sleeper = join(folder, 'python');
    writeFileSync(sleeper, '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 });
    rig = await startGateway(['--python', sleeper, '--root', folder], { isReady: false });
  });
  afterAll(() => rig.close());

  test.for([
    [
      '/health',
      {
        status: 'warming_up',
        ready: false,
        models: { hmr2: 'not_loaded', vitdet: 'not_loaded', phalp: 'not_loaded' },
      },
    ],
    ['/api/pose/health', { status: 'initializing', models_loaded: false }],
    ['/readyz', { status: 'warming_up' }],
  ] as const)('GET %s answers 503', async ([path, expected]) => {
    const { status, body } = await rig.get(path);
    expect(status).toBe(503);
    expect(body).toMatchObject(expected);
  });

  test('GET /livez answers 200: the process is alive', async () => {
    expect(await rig.get('/livez')).toMatchObject({ status: 200, body: { status: 'alive' } });
  });

  test.for([
    ['/pose/video', { video_path: '/x.mp4' }, 'the service is warming up: no daemon is ready yet'],
    ['/pose/hybrid', { image_base64: 'AAAA' }, 'HMR2 model not loaded'],
    ['/pose/batch', { images: [{ image_base64: 'AAAA' }] }, 'HMR2 model not loaded'],
    ['/v1/jobs', { video_path: '/x.mp4' }, 'the service is warming up: no daemon is ready yet'],
  ] as const)('POST %s answers 503 and when to come again', async ([path, asked, error]) => {
    const { status, body, headers } = await rig.post(path, asked);
    expect(status).toBe(503);
    expect(body).toMatchObject({ error, code: 'WARMING_UP', status: 'warming_up', retryable: true });
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  });
});
