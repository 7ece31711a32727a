/** One chaos run: a pool under load, its daemons killed at random, every request followed to its end. */
import { fileURLToPath } from 'node:url';
import { type PoolOptions, PosePool } from '../../node-client/src/index.ts';
import { Killer } from './killer.ts';
import type { ChaosReport } from './report.ts';
import { seededRandom } from './seeded-random.ts';
import { type ChaosSettings, POLICIES, type PolicyName } from './settings.ts';
import { pictureOf, Tally } from './tally.ts';
import { allReady, READY_MS, until } from './waiting.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Calls that wait: few enough that none reaches its deadline only for having come in early. */
const QUEUE = 200;
/** Longer than any call's deadline: what has not ended by then never will. */
const ALL_ENDED_MS = 60_000;
/** For a killed process to be gone from the system's table. */
const GONE_MS = 2_000;

const UNHANDLED = ['unhandledRejection', 'uncaughtException', 'warning'] as const;

/** Run the load under one policy. `options` are for the pool, beside those that the settings decide. */
export async function runChaos(
  policy: PolicyName,
  settings: ChaosSettings,
  options: PoolOptions = {},
): Promise<ChaosReport> {
  const { seed, killEveryS, startingToo, requests, size, delayMs, attempts } = settings;
  const tally = new Tally();
  const killer = new Killer({ everyS: killEveryS, random: seededRandom(seed), startingToo });
  const unhandled = countUnhandled();
  const startedAtMs = performance.now();
  const pool = PosePool.create({
    servicePath: ROOT,
    estimator: 'null',
    options: { delay_ms: delayMs },
    threads: 1,
    size,
    maxQueue: QUEUE,
    log: ({ message }) => tally.read(message),
    ...POLICIES[policy],
    ...(policy === 'tough' && attempts !== null ? { maxAttempts: attempts } : {}),
    ...options,
  });
  killer.watch(pool);
  await allReady(pool);
  killer.start();
  for (let index = 0; index < requests; index += 1) {
    await pool.ready();
    const picture = pictureOf(index);
    tally.follow(picture, pool.estimate(picture));
  }
  await tally.allEnded(ALL_ENDED_MS);
  killer.stop();
  await until(() => killer.unrecovered === 0, READY_MS);
  const seconds = (performance.now() - startedAtMs) / 1_000;
  const { retried, answered: told, failed: toldFailed } = pool.status();
  await pool.close();
  await until(() => living(killer.pids) === 0, GONE_MS);
  const { sent, answered, untyped, open: lost, twice, mixedUp, symptoms } = tally;
  const { kills, killsWhileStarting, recoveriesMs, unrecovered } = killer;
  const counts = { sent, answered, untyped, lost, twice, mixedUp, symptoms, kills, killsWhileStarting };
  return {
    policy,
    seed,
    ...counts,
    failed: Object.fromEntries(tally.failed),
    miscounted: Math.abs(told - answered) + Math.abs(toldFailed - tally.rejected),
    unhandled: unhandled(),
    recoveriesMs,
    unrecovered,
    retried,
    leftBehind: living(killer.pids),
    seconds,
  };
}

/** Returns the function that ends the count and tells it. */
function countUnhandled(): () => number {
  let count = 0;
  const note = (what: unknown) => {
    count += 1;
    console.error(what);
  };
  for (const name of UNHANDLED) process.on(name, note);
  return () => {
    for (const name of UNHANDLED) process.off(name, note);
    return count;
  };
}

/** How many of these processes are there? */
function living(pids: Iterable<number>): number {
  let count = 0;
  for (const pid of pids) {
    try {
      process.kill(pid, 0);
      count += 1;
    } catch {
      // ESRCH: it is gone.
    }
  }
  return count;
}
