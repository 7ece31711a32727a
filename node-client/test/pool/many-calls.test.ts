/** Ten thousand images at once: the queue stays short, memory stays flat, every one is answered. */
import { beforeEach, expect, test } from 'vitest';
import { PosePool } from '../../src/index.ts';
import { fakeDaemon } from '../../src/testing/index.ts';
import { checkLeaks } from '../leaks.ts';

beforeEach(checkLeaks);

const MIB = 1024 * 1024;
const CALLS = 10_000;

test('row 59: Promise.all over ten thousand paths that each await pool.ready()', async () => {
  const pool = await PosePool.start({ ...fakeDaemon(), size: 2, deadlineMs: 60_000 });
  const before = process.memoryUsage();
  let mostQueued = 0;
  let mostBytes = 0;
  const watch = setInterval(() => {
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    mostBytes = Math.max(mostBytes, heapUsed + arrayBuffers - before.heapUsed - before.arrayBuffers);
  }, 20);
  const results = await Promise.all(
    Array.from({ length: CALLS }, async (_, index) => {
      await pool.ready();
      const answer = pool.estimate(`/images/${index}.jpg`);
      mostQueued = Math.max(mostQueued, pool.status().queued);
      return (await answer).width;
    }),
  );
  clearInterval(watch);
  expect(results).toEqual(new Array(CALLS).fill(640));
  expect(pool.status()).toMatchObject({ answered: CALLS, failed: 0, queued: 0, inFlight: 0 });
  expect(mostQueued).toBeLessThanOrEqual(1_000);
  expect(mostBytes).toBeLessThan(100 * MIB);
  await pool.close();
});
