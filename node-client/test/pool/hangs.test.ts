/** busy -> unresponsive -> exited: daemons that go on running and get nowhere, with real processes. */
import { describe, expect, test } from 'vitest';
import { type PoolOptions, PosePool, type Transition } from '../../src/index.ts';
import { type BehaviourName, fakeDaemon } from '../../src/testing/index.ts';
import { failure } from '../failures.ts';
import { checkLeaksOfGroup, isAlive } from '../leaks.ts';

const HEARTBEAT_MS = 250;

/** A pool with the steps of its workers. */
async function startPool(options: PoolOptions) {
  const steps: Transition[] = [];
  const pool = PosePool.create({ heartbeatMs: HEARTBEAT_MS, drainMs: 500, log: () => {}, ...options });
  pool.on('transition', (step) => steps.push(step));
  await expect.poll(() => pool.status().ready, { timeout: 10_000 }).toBe(options.size);
  return { pool, steps };
}

const pidsOf = (pool: PosePool) => pool.status().workers.flatMap(({ daemon }) => daemon?.pid ?? []);
const order = (text: string) => Buffer.from(text);

describe.concurrent('busy -> unresponsive -> exited', () => {
  checkLeaksOfGroup();

  test.for<[row: string, BehaviourName]>([
    ['rows 30 and 43', 'freeze-on-request'],
    ['row 41', 'loop-on-request'],
  ])(
    '%s: with %s no ping is answered: it is killed with its group, and told as such',
    async ([, behaviour]) => {
      const { pool, steps } = await startPool({ ...fakeDaemon(behaviour), size: 1, maxAttempts: 1 });
      const [pid] = pidsOf(pool);
      const error = await failure(pool.estimate(order('x')));
      expect(error).toMatchObject({ code: 'WORKER_UNRESPONSIVE', retryable: true, attempts: 1 });
      expect(error.message).toContain(`it left 3 pings unanswered, ${HEARTBEAT_MS} ms apart`);
      expect(isAlive(pid as number)).toBe(false);
      expect(steps.map(({ to }) => to)).toContain('unresponsive');
      await pool.close();
    },
  );

  test('row 42: pings are answered and work stands still: ended after stallTimeoutMs', async () => {
    const { pool } = await startPool({
      ...fakeDaemon('never-answer'),
      size: 1,
      maxAttempts: 1,
      stallTimeoutMs: 500,
    });
    const error = await failure(pool.estimate(order('x')));
    expect(error).toMatchObject({ code: 'WORKER_UNRESPONSIVE' });
    expect(error.message).toMatch(/request 1 made no progress for \d+ s/);
    await pool.close();
  });

  test('rows 41 and 57: the deadline of a call does not wait for that; the grace ends the daemon', async () => {
    const { pool } = await startPool({
      ...fakeDaemon('obey'),
      size: 1,
      heartbeatMs: 60_000,
      cancelGraceMs: 200,
    });
    const [pid] = pidsOf(pool);
    const error = await failure(pool.estimate(order('loop'), { deadlineMs: 200 }));
    expect(error).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await expect(pool.estimate(order('answer 0'))).resolves.toMatchObject({ width: 640 });
    expect(isAlive(pid as number)).toBe(false);
    expect(pool.status()).toMatchObject({ deaths: 0, breaker: 'closed' });
    await pool.close();
  });

  test('row 43: stopped and continued in time it goes on as if nothing had been', async () => {
    const { pool, steps } = await startPool({ ...fakeDaemon('obey'), size: 1, heartbeatMs: 1_000 });
    const [pid] = pidsOf(pool);
    const frozen = pool.estimate(order('answer 100'));
    process.kill(pid as number, 'SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 500));
    process.kill(pid as number, 'SIGCONT');
    await expect(frozen).resolves.toMatchObject({ width: 640 });
    expect(steps.map(({ to }) => to)).not.toContain('exited');
    expect(pool.status()).toMatchObject({ answered: 1, deaths: 0 });
    await pool.close();
  });

  test('row 64: our own event loop stands still for many heartbeats, and nobody is killed', async () => {
    const { pool, steps } = await startPool({ ...fakeDaemon('obey'), size: 2, heartbeatMs: 100 });
    const calls = [1, 2].map(() => pool.estimate(order('answer 50')));
    const until = performance.now() + 1_500;
    while (performance.now() < until);
    await Promise.all(calls);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(steps.filter(({ to }) => to === 'unresponsive' || to === 'exited')).toEqual([]);
    await pool.close();
  });
});
