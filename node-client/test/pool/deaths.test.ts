/** ready and busy -> exited -> backoff | broken: what a death means to the calls of a pool, with real processes. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type PoolOptions, PosePool, type Transition } from '../../src/index.ts';
import { fakeDaemon } from '../../src/testing/index.ts';
import { failure } from '../failures.ts';
import { checkLeaks, isAlive } from '../leaks.ts';

beforeEach(checkLeaks);

const order = (text: string) => Buffer.from(text);

async function startPool(options: PoolOptions) {
  const steps: Transition[] = [];
  const pool = PosePool.create({ drainMs: 500, log: () => {}, ...options });
  pool.on('transition', (step) => steps.push(step));
  await expect.poll(() => pool.status().ready, { timeout: 10_000 }).toBe(options.size);
  return { pool, steps };
}

describe('busy -> exited', () => {
  test.for([
    ['die SIGKILL', 'OOM_SUSPECTED', 'SIGKILL'],
    ['die SIGSEGV', 'WORKER_DIED', 'SIGSEGV'],
    ['die 0', 'WORKER_DIED', 'as if its work were done'],
    ['die 137', 'OOM_SUSPECTED', 'that is SIGKILL'],
    ['babble', 'PROTOCOL_ERROR', 'loading weights: 100%'],
  ] as const)(
    'rows 26 and 37 to 39: %s: told with its attempts; neighbours are answered',
    async ([what, code, words]) => {
      const { pool } = await startPool({
        ...fakeDaemon('obey'),
        size: 1,
        maxAttempts: 1,
        quarantineAfter: 0,
      });
      const dead = failure(pool.estimate(order(what)));
      const neighbour = pool.estimate(order('answer 0'));
      const error = await dead;
      expect(error).toMatchObject({ code, name: 'WorkerDiedError', attempts: 1, requestId: 1 });
      expect(error.message).toContain(words);
      expect(error.message).not.toMatch(/EPIPE|write EOF|ECONNRESET|stdin write/);
      await expect(neighbour).resolves.toMatchObject({ width: 640 });
      expect(pool.status()).toMatchObject({ deaths: 1, answered: 1, failed: 1 });
      await pool.close();
    },
  );

  test('row 40: out of memory in Python goes to another daemon, and its own stands aside', async () => {
    const { pool, steps } = await startPool({
      ...fakeDaemon('fail-requests', { x: 'NO_RESOURCES' }),
      size: 2,
    });
    const error = await failure(pool.estimate(order('x')));
    expect(error).toMatchObject({ code: 'NO_RESOURCES', retryable: true });
    expect(pool.status().retried).toBe(1);
    await expect.poll(() => steps.map(({ to }) => to)).toContain('backoff');
    await pool.close();
  });

  test('row 50: a kill reaches the whole group; a grandchild in a session of its own delays nothing', async () => {
    const lines: string[] = [];
    const { pool } = await startPool({
      ...fakeDaemon('grandchild-of-its-own'),
      size: 1,
      drainMs: 0,
      logger: (line) => lines.push(line),
    });
    const call = failure(pool.estimate(order('x')));
    await expect.poll(() => lines.join()).toContain('grandchild');
    await pool.close();
    expect((await call).code).toBe('POOL_CLOSED');
    const pid = Number(/grandchild (\d+)/.exec(lines.join())?.[1]);
    expect(isAlive(pid)).toBe(true); // the documented limit: it left the group
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => isAlive(pid)).toBe(false);
  });
});

describe('exited -> broken', () => {
  test('row 54: a crash loop ends, and what waits is rejected with its cause in the same moment', async () => {
    const pool = PosePool.create({ ...fakeDaemon('exit-when-ready', { x: 7 }), size: 1, log: () => {} });
    const calls = [1, 2, 3].map(() => failure(pool.estimate(order('x'), { deadlineMs: 60_000 })));
    let settled = 0;
    for (const call of calls) void call.then(() => (settled += 1));
    const settledWhenOpen = new Promise<number>((resolve) => {
      pool.on('breaker', ({ to }) => to === 'open' && setImmediate(() => resolve(settled)));
    });
    expect(await settledWhenOpen).toBe(3);
    const errors = await Promise.all(calls);
    for (const error of errors) {
      expect(['POOL_UNAVAILABLE', 'POISON_INPUT']).toContain(error.code);
      expect(error.message).toContain('exited with code 7');
    }
    expect(pool.status()).toMatchObject({ deaths: 5, breaker: 'open' });
    expect(await failure(pool.estimate(order('x')))).toMatchObject({ code: 'POOL_UNAVAILABLE' });
    await pool.close();
  });

  test('row 12: a missing module opens the breaker at once; reset() after it was mended', async () => {
    const pool = PosePool.create({ ...fakeDaemon('init-failed'), size: 2, log: () => {} });
    const error = await failure(pool.estimate(order('x')));
    expect(error).toMatchObject({
      code: 'POOL_UNAVAILABLE',
      cause: { code: 'IMPORT_FAILED', module: 'cv2' },
    });
    await expect.poll(() => pool.status().workers.map(({ state }) => state)).toEqual(['broken', 'broken']);
    pool.reset();
    expect(pool.status().breaker).toBe('closed');
    await pool.close();
  });
});

describe('ready -> (successor) -> draining', () => {
  test('row 45: a daemon that fails every request where the other answers is replaced', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pose-sick-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const { pool, steps } = await startPool({
      ...fakeDaemon('first-is-sick', { x: join(folder, 'sick') }),
      size: 2,
    });
    expect(existsSync(join(folder, 'sick'))).toBe(true);
    await expect
      .poll(async () => {
        await Promise.allSettled([1, 2, 3, 4].map(() => pool.estimate(order('x'))));
        return steps.filter(({ to }) => to === 'exited').length;
      })
      .toBe(1);
    expect(steps.find(({ from, cause }) => from === null && cause.includes('failed'))).toBeDefined();
    const after = await Promise.all(Array.from({ length: 50 }, () => pool.estimate(order('x'))));
    expect(after).toHaveLength(50);
    expect(pool.status().deaths).toBe(0);
    await pool.close();
  });

  test('row 46: a daemon that sees what is not there is replaced', async () => {
    const { pool, steps } = await startPool({
      ...fakeDaemon('wrong-after', { x: 3 }),
      size: 1,
      canary: { image: order('known'), everyMs: 50 },
    });
    await expect.poll(() => steps.filter(({ to }) => to === 'exited').length).toBeGreaterThan(0);
    const cause = steps.find(({ from, slot }, at) => at > 0 && from === null && slot === 0)?.cause;
    expect(cause).toBe('its answer about the canary is wrong: 2 persons instead of 1');
    await pool.close();
  });

  test('row 47: memory creeps up: replaced at the limit, its successor first, and no call is lost', async () => {
    const { pool, steps } = await startPool({
      ...fakeDaemon('leaky', { x: 100_000_000 }),
      size: 1,
      heartbeatMs: 100,
      recycle: { maxRssBytes: 1_000_000_000 },
    });
    let least = 1;
    let calls = 0;
    while (steps.filter(({ to }) => to === 'exited').length < 2 && calls < 100_000) {
      await pool.estimate(order('x'));
      calls += 1;
      least = Math.min(least, pool.status().ready);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(least).toBe(1);
    expect(pool.status()).toMatchObject({ failed: 0, deaths: 0, retried: 0, answered: calls });
    expect(steps.find(({ from, cause }) => from === null && cause.includes('over the limit'))).toBeDefined();
    await pool.close();
  });

  test.skipIf(process.platform !== 'linux')(
    'row 48: after many processes this one is as it was',
    async () => {
      const { readdirSync } = await import('node:fs');
      const { pool, steps } = await startPool({
        ...fakeDaemon(),
        size: 2,
        spawnIntervalMs: 0,
        recycle: { afterRequests: 1 },
      });
      const work = async (calls: number) => {
        for (let call = 0; call < calls; call += 2)
          await Promise.all([1, 2].map(() => pool.estimate(order('x'))));
        await expect.poll(() => pool.status().ready).toBe(2);
      };
      const descriptors = () => readdirSync('/proc/self/fd').length;
      await work(6);
      await expect.poll(() => steps.filter(({ to }) => to === 'exited').length).toBe(6);
      const before = { descriptors: descriptors(), listeners: process.listenerCount('exit') };
      await work(20);
      await expect.poll(() => steps.filter(({ to }) => to === 'exited').length).toBe(26);
      expect({ descriptors: descriptors(), listeners: process.listenerCount('exit') }).toEqual(before);
      expect(pool.status()).toMatchObject({ answered: 26, deaths: 0, ready: 2 });
      await pool.close();
    },
  );
});

test('row 69: two pools in one host do not take each other’s daemons', async () => {
  const [one, two] = await Promise.all([1, 2].map(() => PosePool.start({ ...fakeDaemon(), size: 1 })));
  const pids = [one, two].flatMap((pool) => pool?.status().workers.map(({ daemon }) => daemon?.pid));
  expect(new Set(pids).size).toBe(2);
  await one?.close();
  await expect(two?.estimate(order('x'))).resolves.toBeDefined();
  await two?.close();
});
