/** The same with real processes and fewer runs: whatever they do, every call settles once and nothing is left. */
import { once } from 'node:events';
import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { PoseError, PosePool } from '../../src/index.ts';
import { fakeDaemon } from '../../src/testing/index.ts';
import { checkLeaks, isAlive } from '../leaks.ts';

beforeEach(checkLeaks);

const RUNS = 30;
/** Pools beside each other: they mostly wait. */
const AT_ONCE = 5;
const CALLS = 12;
/** Drain, ladder, and a busy machine. */
const CLOSE_WITHIN_MS = 15_000;

const orders = fc.oneof(
  { weight: 6, arbitrary: fc.nat(20).map((ms) => `answer ${ms}`) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('die SIGKILL', 'die SIGSEGV', 'die 0', 'die 3').map(String),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('babble', 'fail INTERNAL', 'fail NO_RESOURCES', 'fail DECODE_FAILED'),
  },
  { weight: 1, arbitrary: fc.constantFrom('hang', 'freeze', 'loop') },
);

const calls = fc.array(
  fc.record({
    order: orders,
    deadlineMs: fc.constantFrom(50, 1_500, 3_000),
    abortAfterMs: fc.constantFrom(null, null, null, 0, 10, 60),
    pauseMs: fc.nat(15),
  }),
  { minLength: CALLS, maxLength: CALLS },
);

const settings = fc.record({
  size: fc.constantFrom(1, 2, 2),
  afterRequests: fc.constantFrom(2, 1_000_000),
  awaitsReady: fc.constantFrom(true, true, true, false),
  killAtMs: fc.nat(100),
  closeAfter: fc.constantFrom(null, null, null, 1, 6, CALLS),
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

type Plan = readonly [typeof settings extends fc.Arbitrary<infer One> ? One : never, readonly Step[]];
type Step = typeof calls extends fc.Arbitrary<(infer One)[]> ? One : never;

async function play(
  [{ size, afterRequests, awaitsReady, killAtMs, closeAfter }, plan]: Plan,
  tell: (what: string) => void,
) {
  const pool = PosePool.create({
    ...fakeDaemon('obey'),
    size,
    spawnIntervalMs: 0,
    heartbeatMs: 250,
    stallTimeoutMs: 1_000,
    cancelGraceMs: 100,
    drainMs: 200,
    recycle: { afterRequests },
    log: () => {},
  });
  if (awaitsReady) await once(pool, 'ready');
  const settled = plan.map(() => 0);
  const outcomes: Promise<void>[] = [];
  let closing: Promise<void> | null = null;
  const killing = pause(killAtMs).then(() => {
    const pid = pool.status().workers[0]?.daemon?.pid;
    if (pid !== undefined && isAlive(pid)) process.kill(pid, 'SIGKILL');
  });
  for (const [index, { order, deadlineMs, abortAfterMs, pauseMs }] of plan.entries()) {
    const controller = new AbortController();
    if (abortAfterMs !== null) void pause(abortAfterMs).then(() => controller.abort());
    const count = (what: string) => {
      settled[index] = (settled[index] ?? 0) + 1;
      tell(what);
    };
    const call = pool.estimate(Buffer.from(order), { deadlineMs, signal: controller.signal });
    outcomes.push(
      call.then(
        () => count('answered'),
        (error: unknown) => {
          expect(error).toBeInstanceOf(PoseError);
          count((error as PoseError).code);
        },
      ),
    );
    if (pauseMs > 0) await pause(pauseMs);
    if (index + 1 === closeAfter) closing = pool.close();
  }
  await Promise.all(outcomes);
  await killing;
  closing ??= pool.close();
  const ended = await Promise.race([closing, pause(CLOSE_WITHIN_MS).then(() => 'too late')]);
  expect(ended).toBeUndefined();
  expect(settled).toEqual(plan.map(() => 1));
  const { inFlight, queued, answered, failed, leaked } = pool.status();
  expect({ inFlight, queued, leaked }).toEqual({ inFlight: 0, queued: 0, leaked: 0 });
  expect(answered + failed).toBe(plan.length);
}

test('rows 33, 37 to 41, 55, 57 and 67: at random, with real processes', { timeout: 180_000 }, async () => {
  const unhandled: unknown[] = [];
  const listener = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', listener);
  const tally = new Map<string, number>();
  const tell = (what: string) => void tally.set(what, (tally.get(what) ?? 0) + 1);
  const plans = fc.array(fc.tuple(settings, calls), { minLength: AT_ONCE, maxLength: AT_ONCE });
  await fc.assert(
    fc.asyncProperty(plans, async (some) => {
      await Promise.all(some.map((plan) => play(plan, tell)));
    }),
    { seed: 5, numRuns: RUNS / AT_ONCE, endOnFailure: true },
  );
  process.off('unhandledRejection', listener);
  expect(unhandled).toEqual([]);
  console.log(
    `${RUNS} pools of processes, ${RUNS * CALLS} calls, every one settled once:`,
    Object.fromEntries(tally),
  );
});
