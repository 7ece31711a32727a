/** The whole gateway: start, outage, overload, disconnect, end, and what a restart finds. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { checkLeaks, isAlive } from '../../node-client/test/leaks.ts';
import { main } from '../src/cli/main.ts';
import {
  FIGURES,
  HAS_PYTHON,
  PICTURE,
  PYTHON,
  type Rig,
  ROOT,
  renderVideo,
  SLOW_FIGURES,
  startGateway,
} from './http/rig.ts';

const FRAMES = 90;
const folder = mkdtempSync(join(tmpdir(), 'pose-whole-'));
const clip = join(folder, 'clip.mp4');
const picture = { image_base64: PICTURE.toString('base64') };

beforeAll(() => {
  if (HAS_PYTHON) renderVideo(clip, FRAMES / 30);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Closed at the end of the test, after which nothing of it may be left. */
async function gateway(...flags: string[]): Promise<Rig> {
  checkLeaks();
  const rig = await startGateway([...SLOW_FIGURES, '--root', folder, ...flags]);
  onTestFinished(() => rig.close());
  return rig;
}

/** The command, without its log on the console. */
async function quietly(argv: readonly string[]): Promise<number> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    return await main(argv);
  } finally {
    write.mockRestore();
  }
}

const job = (rig: Rig, more: object = {}) => rig.post('/v1/jobs', { video_path: clip, force: true, ...more });
const stateOf = async (rig: Rig, id: string) => (await rig.get(`/v1/jobs/${id}`)).body.state;

describe.skipIf(!HAS_PYTHON)('start and end', () => {
  test('daemons give way to the gateway by as much as is configured', async () => {
    const rig = await gateway('--niceness', '9');
    const { body } = await rig.get('/v1/stats');
    expect(getPriority(body.pool.workers[0].pid)).toBe(Math.min(19, getPriority() + 9));
  });

  test('the start is in the open: configuration, addresses, interpreter, models, ready', async () => {
    const rig = await gateway();
    await expect.poll(() => rig.lines.map(({ msg }) => msg)).toContain('ready');
    const said = rig.lines.map(({ msg }) => msg);
    const order = [
      /^configuration: port=0 \(flag\)$/,
      /^listening on http:/,
      /^interpreter: .*python/,
      /^models: null, on none$/,
      /^ready$/,
    ];
    const places = order.map((words) => said.findIndex((line) => words.test(line)));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  test('closing twice is one close', async () => {
    const rig = await gateway();
    await Promise.all([rig.gateway.close(), rig.gateway.close()]);
    await expect(fetch(`${rig.url}/livez`)).rejects.toThrow();
  });

  test('who follows a job is let go when the gateway ends', async () => {
    const rig = await gateway('--estimator-options', '{"persons":1,"delay_ms":500}');
    const { body } = await job(rig);
    const response = await fetch(`${rig.url}/v1/jobs/${body.id}/events`);
    const events = response.text();
    await rig.gateway.close();
    expect(await events).toContain('event: state');
  });

  test('row 72: a job that runs at the end goes on after the next start, and its waiting client is told', async () => {
    const rig = await gateway('--estimator-options', '{"persons":1,"delay_ms":500}');
    const waiting = rig.post('/pose/video', { video_path: clip });
    await expect.poll(async () => (await rig.get('/v1/jobs?state=processing')).body.jobs.length).toBe(1);
    const { body } = await job(rig);
    const startedMs = performance.now();
    await rig.gateway.close();
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    const told = await waiting;
    expect(told).toMatchObject({ status: 503, body: { code: 'SHUTTING_DOWN', job_id: expect.any(String) } });
    const again = await startGateway([...FIGURES, '--root', folder, '--data-dir', rig.dataDir]);
    try {
      await expect.poll(() => stateOf(again, body.id), { timeout: 20_000 }).toBe('completed');
      const { body: status } = await again.get(`/pose/video/status/${told.body.job_id}`);
      expect(status).toMatchObject({
        status: 'completed',
        result: { status: 'success', total_frames: FRAMES },
      });
    } finally {
      await again.close();
    }
  });
});

describe('a daemon that cannot start', () => {
  beforeEach(() => checkLeaks());

  const flags = () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'pose-fatal-'));
    onTestFinished(() => rmSync(dataDir, { recursive: true }));
    const where = [
      '--host',
      '127.0.0.1',
      '--port',
      '0',
      '--data-dir',
      dataDir,
      '--log-dir',
      join(dataDir, 'logs'),
    ];
    return { dataDir, argv: [...where, '--python', join(folder, 'no-python'), '--log-format', 'text'] };
  };

  test('ends `serve` with 3, the cause and the next step in the log', async () => {
    const { dataDir, argv } = flags();
    expect(await quietly(['serve', ...argv])).toBe(3);
    const [name = ''] = readdirSync(join(dataDir, 'logs')).filter((file) => file.includes('gateway'));
    const log = readFileSync(join(dataDir, 'logs', name), 'utf8');
    expect(log).toMatch(/FATAL: no daemon can be started: SPAWN_FAILED/);
    expect(log).toContain('Next step:');
    expect(log).toContain('no-python');
  });

  test('with --stay-up is told to those who ask, and everything else is answered with 503', async () => {
    const { argv } = flags();
    const rig = await startGateway([...argv, '--stay-up'], { isReady: false });
    onTestFinished(() => rig.close());
    await expect.poll(async () => (await rig.get('/readyz')).body.status).toBe('unavailable');
    expect(await rig.get('/health')).toMatchObject({
      status: 503,
      body: { status: 'warming_up', error: expect.stringContaining('SPAWN_FAILED') },
    });
    expect(await rig.get('/api/pose/health')).toMatchObject({ status: 503, body: { status: 'error' } });
    const refused = await rig.post('/pose/hybrid', picture);
    expect(refused).toMatchObject({
      status: 503,
      body: {
        error: 'HMR2 model not loaded',
        code: 'POOL_UNAVAILABLE',
        details: expect.stringContaining('SPAWN_FAILED'),
      },
    });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await rig.get('/livez')).status).toBe(200);
  });
});

test('a port that is taken ends `serve` with 1, and the log names it', async () => {
  checkLeaks();
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void other.close());
  const { port } = other.address() as { port: number };
  const dataDir = mkdtempSync(join(tmpdir(), 'pose-taken-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const where = ['--host', '127.0.0.1', '--port', String(port), '--data-dir', dataDir, '--log-dir', dataDir];
  expect(await quietly(['serve', ...where, '--estimator', 'null'])).toBe(1);
  const log = readdirSync(dataDir).find((name) => name.includes('gateway')) ?? '';
  expect(readFileSync(join(dataDir, log), 'utf8')).toContain(
    `port ${port} of 127.0.0.1 is taken by process ${process.pid}`,
  );
});

/** What `npm run build` makes; the program cannot run without it. */
const PROGRAM = join(ROOT, 'gateway', 'bin', 'pose-gateway.cjs');
const IS_BUILT = existsSync(join(ROOT, 'gateway', 'dist', 'cli', 'main.js'));

test.skipIf(!HAS_PYTHON || !IS_BUILT || process.platform === 'win32')(
  'SIGTERM ends the program within seconds, with 0, and its daemons with it',
  async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'pose-term-'));
    onTestFinished(() => rmSync(dataDir, { recursive: true }));
    const where = ['--host', '127.0.0.1', '--port', '0', '--data-dir', dataDir, '--log-dir', dataDir];
    const pool = ['--python', PYTHON, '--service-path', ROOT, '--pool-size', '1', ...FIGURES];
    const child = spawn(process.execPath, [PROGRAM, 'serve', ...where, ...pool, '--log-format', 'json']);
    let said = '';
    child.stdout.on('data', (chunk) => (said += chunk));
    child.stderr.on('data', (chunk) => (said += chunk));
    const ended = new Promise((resolve) =>
      child.once('exit', (exitCode, signal) => resolve({ exitCode, signal })),
    );
    await expect.poll(() => said, { timeout: 20_000 }).toContain('"msg":"ready"');
    const daemon = Number(/"daemon_pid":(\d+)/.exec(said)?.[1]);
    expect(isAlive(daemon)).toBe(true);
    const startedMs = performance.now();
    child.kill('SIGTERM');
    expect(await ended).toEqual({ exitCode: 0, signal: null });
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    expect(said).toContain('SIGTERM: ending');
    expect(isAlive(daemon)).toBe(false);
  },
);

describe.skipIf(!HAS_PYTHON)('overload and outage', () => {
  test('a full queue is 429 with a time to come again, for every way in', async () => {
    const rig = await gateway('--max-queue', '2');
    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      const { status, body } = await job(rig);
      expect(status).toBe(202);
      ids.push(body.id);
      await expect.poll(async () => (await rig.get('/v1/jobs?state=processing')).body.jobs.length).toBe(1);
    }
    for (const answer of [await job(rig), await rig.post('/pose/video', { video_path: clip })]) {
      expect(answer).toMatchObject({ status: 429, body: { code: 'QUEUE_FULL', retryable: true } });
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect((await rig.post('/pose/hybrid', picture)).status).toBe(200);
    for (const id of ids) await rig.get(`/v1/jobs/${id}`, { method: 'DELETE' });
  });

  test('row 71: a client that goes away takes its video with it, and another is worked on', async () => {
    const rig = await gateway();
    const away = new AbortController();
    const asked = rig.post('/pose/video', { video_path: clip }, { signal: away.signal }).catch(() => 'gone');
    await expect.poll(async () => (await rig.get('/v1/jobs?state=processing')).body.jobs.length).toBe(1);
    const [running] = (await rig.get('/v1/jobs')).body.jobs;
    away.abort();
    expect(await asked).toBe('gone');
    await expect.poll(() => stateOf(rig, running.id)).toBe('cancelled');
    expect((await rig.post('/pose/video', { video_path: clip })).body).toMatchObject({
      total_frames: FRAMES,
    });
  });

  test('row 71: a client that goes away takes its picture with it', async () => {
    const rig = await gateway('--estimator-options', '{"persons":1,"delay_ms":20000}');
    const away = new AbortController();
    const asked = rig.post('/pose/hybrid', picture, { signal: away.signal }).catch(() => 'gone');
    const inFlight = async () => (await rig.get('/readyz')).body.capacity.in_flight;
    await expect.poll(inFlight).toBe(1);
    away.abort();
    expect(await asked).toBe('gone');
    await expect.poll(inFlight, { timeout: 5_000 }).toBe(0);
  });

  test('row 74: while the job store is locked nothing is accepted, and nothing that was accepted is lost', async () => {
    const rig = await gateway();
    const { body: before } = await job(rig);
    const other = new DatabaseSync(join(rig.dataDir, 'jobs.sqlite'));
    other.exec('BEGIN IMMEDIATE');
    for (const answer of [await job(rig), await rig.post('/pose/video', { video_path: clip })]) {
      expect(answer).toMatchObject({
        status: 503,
        body: { code: 'STORE_UNAVAILABLE', retryable: true, error: expect.any(String) },
      });
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect((await rig.post('/pose/hybrid', picture)).status).toBe(200);
    expect((await rig.get('/livez')).status).toBe(200);
    other.exec('ROLLBACK');
    other.close();
    await expect.poll(() => stateOf(rig, before.id), { timeout: 20_000 }).toBe('completed');
    expect((await job(rig, { force: false })).status).toBe(202);
  });

  test('row 78: with its only daemon dead and no other to be had, work is refused until it is mended', async () => {
    const broken = join(folder, 'python');
    writeFileSync(broken, `#!/bin/sh\n[ -e ${join(folder, 'broken')} ] && exit 1\nexec ${PYTHON} "$@"\n`, {
      mode: 0o755,
    });
    const rig = await gateway('--python', broken);
    writeFileSync(join(folder, 'broken'), '');
    const [worker] = rig.gateway.service.pool.status().workers;
    if (!worker?.daemon) throw new Error('no daemon is ready');
    process.kill(worker.daemon.pid, 'SIGKILL');
    await expect
      .poll(async () => (await rig.get('/readyz')).body.status, { timeout: 10_000 })
      .toBe('unavailable');
    for (const [path, asked] of [
      ['/pose/hybrid', picture],
      ['/pose/video', { video_path: clip }],
      ['/v1/jobs', { video_path: clip }],
    ] as const) {
      const answer = await rig.post(path, asked);
      expect(answer).toMatchObject({ status: 503, body: { code: 'POOL_UNAVAILABLE' } });
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    rmSync(join(folder, 'broken'));
    rig.gateway.service.pool.reset();
    await expect.poll(async () => (await rig.get('/readyz')).status, { timeout: 10_000 }).toBe(200);
    expect((await rig.post('/pose/hybrid', picture)).status).toBe(200);
  });
});
