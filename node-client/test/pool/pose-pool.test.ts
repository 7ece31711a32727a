import { beforeEach, describe, expect, test } from 'vitest';
import { type PoolOptions, PosePool } from '../../src/index.ts';
import { fakeDaemon } from '../../src/testing/index.ts';
import { failure } from '../failures.ts';
import { checkLeaks, isAlive } from '../leaks.ts';

beforeEach(checkLeaks);

const image = Buffer.from('image');
const oneAtATime = { credits: { requests: 1, bytes: 1_000_000 } };

/** A pool whose daemons have all had their say. */
async function settledPool(options: PoolOptions): Promise<PosePool> {
  const pool = await PosePool.start(options);
  await expect.poll(() => pool.status().ready).toBe(options.size);
  return pool;
}

test('calls are spread over all daemons', async () => {
  const pool = await settledPool({
    ...fakeDaemon('never-answer', { ready: oneAtATime }),
    size: 2,
    drainMs: 0,
  });
  const calls = [1, 2, 3].map(() => failure(pool.estimate(image)));
  expect(pool.status()).toMatchObject({ size: 2, inFlight: 2, queued: 1 });
  expect(pool.status().workers.map(({ state, inFlight }) => [state, inFlight])).toEqual([
    ['busy', 1],
    ['busy', 1],
  ]);
  await pool.close();
  for (const error of await Promise.all(calls)) expect(error.code).toBe('POOL_CLOSED');
});

test('every one of many calls gets an answer', async () => {
  const pool = await settledPool({ ...fakeDaemon('healthy', { persons: 3 }), size: 2 });
  const results = await Promise.all(Array.from({ length: 500 }, () => pool.estimate(image)));
  expect(results.every(({ persons }) => persons.length === 3)).toBe(true);
  expect(pool.status()).toMatchObject({ answered: 500, failed: 0, inFlight: 0, queued: 0 });
  await pool.close();
});

test('nobody in the picture is a result', async () => {
  const pool = await settledPool({ ...fakeDaemon('healthy', { persons: 0 }), size: 1 });
  await expect(pool.estimate(image)).resolves.toMatchObject({ persons: [] });
  await pool.close();
});

describe('start', () => {
  test('resolves with the first daemon that is ready and serves calls at once', async () => {
    const pool = await PosePool.start({ ...fakeDaemon(), size: 2 });
    expect(pool.status().ready + pool.status().starting).toBe(2);
    await expect(pool.estimate(image)).resolves.toBeDefined();
    await pool.close();
  });

  test('throws the root cause when no daemon starts', async () => {
    const error = await failure(PosePool.start({ ...fakeDaemon('init-failed'), size: 2 }));
    expect(error).toMatchObject({ name: 'InitFailedError', code: 'IMPORT_FAILED' });
  });

  test('throws wrong options before anything starts', async () => {
    expect(await failure(PosePool.start({ size: -1 }))).toMatchObject({ code: 'CONFIG_INVALID' });
  });

  test('row 67: a signal ends it, and the processes', async () => {
    const controller = new AbortController();
    const starting = failure(PosePool.start({ ...fakeDaemon('silent'), size: 2, signal: controller.signal }));
    controller.abort();
    expect(await starting).toMatchObject({ code: 'ABORTED' });
  });

  test('row 67: close while others still start', async () => {
    const pool = await PosePool.start({ ...fakeDaemon(), size: 4 });
    await pool.close();
    expect(pool.status()).toMatchObject({ closed: true, starting: 0, ready: 0 });
  });
});

describe('the queue', () => {
  const stuck = { ...fakeDaemon('never-answer', { ready: oneAtATime }), size: 1, drainMs: 0 };

  test('is bounded', async () => {
    const pool = await settledPool({ ...stuck, maxQueue: 2 });
    const calls = [1, 2, 3].map(() => failure(pool.estimate(image)));
    const error = await failure(pool.estimate(image));
    expect(error).toMatchObject({ code: 'QUEUE_FULL', retryable: true });
    expect(error.message).toContain('2 calls wait already, the limit is 2');
    await pool.close();
    await Promise.all(calls);
  });

  test('of length 0 still lets through what a daemon takes at once', async () => {
    const pool = await settledPool({ ...stuck, maxQueue: 0 });
    const running = failure(pool.estimate(image));
    expect(await failure(pool.estimate(image))).toMatchObject({ code: 'QUEUE_FULL' });
    await pool.close();
    expect(await running).toMatchObject({ code: 'POOL_CLOSED' });
  });

  test('row 57: who cancels while waiting leaves it', async () => {
    const pool = await settledPool(stuck);
    const controller = new AbortController();
    const running = failure(pool.estimate(image));
    const waiting = failure(pool.estimate(image, { signal: controller.signal }));
    expect(pool.status().queued).toBe(1);
    controller.abort();
    expect(await waiting).toMatchObject({ code: 'ABORTED' });
    expect(pool.status().queued).toBe(0);
    await pool.close();
    await running;
  });

  test('keeps to the order of the calls', async () => {
    const pool = await settledPool({ ...fakeDaemon('slow', { x: 1, ready: oneAtATime }), size: 1 });
    const order: number[] = [];
    const calls = [0, 1, 2, 3, 4].map((index) => pool.estimate(image).then(() => order.push(index)));
    await Promise.all(calls);
    expect(order).toEqual([0, 1, 2, 3, 4]);
    await pool.close();
  });

  test('credit in bytes is respected, and a body over all of it goes alone', async () => {
    const ready = { credits: { requests: 4, bytes: 1_000 } };
    const pool = await settledPool({ ...fakeDaemon('never-answer', { ready }), size: 1, drainMs: 0 });
    const calls = [600, 600, 300].map((size) => failure(pool.estimate(Buffer.alloc(size))));
    expect(pool.status()).toMatchObject({ inFlight: 1, queued: 2 });
    await pool.close();
    await Promise.all(calls);

    const other = await settledPool({ ...fakeDaemon('healthy', { ready }), size: 1 });
    await expect(other.estimate(Buffer.alloc(5_000))).resolves.toBeDefined();
    await other.close();
  });
});

describe('a daemon dies', () => {
  test('its calls go to another one, and it is replaced', async () => {
    const pool = await settledPool({ ...fakeDaemon('slow', { x: 20 }), size: 2 });
    const [first] = pool.status().workers;
    const calls = [1, 2, 3, 4].map(() => pool.estimate(image));
    process.kill(first?.daemon?.pid as number, 'SIGSEGV');
    for (const result of await Promise.all(calls)) expect(result.persons).toHaveLength(1);
    await expect.poll(() => pool.status().ready).toBe(2);
    expect(pool.status()).toMatchObject({ deaths: 1, retried: 2, lastFailure: { code: 'WORKER_DIED' } });
    expect(pool.status().workers[0]).toMatchObject({ restarts: 1 });
    await pool.close();
  });

  test('row 56: an input that kills two daemons is poison, others are not', async () => {
    const pool = await settledPool({ ...fakeDaemon('die-on-marker', { x: 'SIGSEGV' }), size: 2 });
    const poison = Buffer.from('poison');
    const [error, ...others] = await Promise.all([
      failure(pool.estimate(poison)),
      ...[1, 2, 3].map(() => pool.estimate(image)),
    ]);
    expect(error).toMatchObject({ code: 'POISON_INPUT', cause: { code: 'WORKER_DIED', attempts: 0 } });
    expect(others).toHaveLength(3);
    const again = await failure(pool.estimate(Buffer.from('poison')));
    expect(again.code).toBe('POISON_INPUT');
    expect(pool.status()).toMatchObject({ deaths: 2, quarantined: 1 });
    await pool.close();
  });
});

test('close is idempotent and leaves no process', async () => {
  const pool = await settledPool({ ...fakeDaemon(), size: 2 });
  const pids = pool.status().workers.map(({ daemon }) => daemon?.pid as number);
  await Promise.all([pool.close(), pool.close()]);
  expect(pids.filter(isAlive)).toEqual([]);
  expect(await failure(pool.estimate(image))).toMatchObject({ code: 'POOL_CLOSED' });
});
