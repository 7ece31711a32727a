/** Calls and restarts by the thousand in one host process, and what it holds after each part of them. */
import { fileURLToPath } from 'node:url';
import { type PoolOptions, PosePool } from '../../node-client/src/index.ts';
import { countChildren, countDescriptors, type Footprint, footprint } from './footprint.ts';
import { allReady, until } from './waiting.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SIZE = 2;
/** For daemons that were replaced to be gone. */
const GONE_MS = 15_000;
/** Looks at the host at most, evenly spread over the calls. */
export const LOOKS = 20;

export interface EnduranceReport {
  readonly calls: number;
  readonly answered: number;
  /** Daemons started after the first ones: half of those asked for after a kill, the others in good time. */
  readonly restarts: number;
  readonly kills: number;
  /** Before the first call, and then evenly over the calls. */
  readonly footprints: readonly Footprint[];
  readonly seconds: number;
}

/** Send `calls` while daemons are killed or replaced at least `restarts` times. */
export async function endure(
  { calls, restarts }: { readonly calls: number; readonly restarts: number },
  options: PoolOptions = {},
): Promise<EnduranceReport> {
  const startedAtMs = performance.now();
  await using pool = PosePool.create({
    servicePath: ROOT,
    estimator: 'null',
    threads: 1,
    size: SIZE,
    maxAttempts: 10,
    quarantineAfter: 0,
    log: () => {},
    ...options,
    recycle: { afterRequests: Math.max(1, Math.floor(calls / restarts)) },
  });
  await allReady(pool);
  const { signal } = new AbortController();
  const before = footprint(pool, signal);
  const footprints = [before];
  const kills = Math.ceil(restarts / 2);
  const callsPerKill = Math.ceil(calls / kills);
  for (let kill = 1; kill <= kills; kill += 1) {
    const sending = sendAll(pool, callsPerKill, signal);
    await killOne(pool, kill % SIZE);
    await sending;
    await allReady(pool);
    if (kill % Math.ceil(kills / LOOKS) !== 0 && kill !== kills) continue;
    await until(() => holdsNoMoreThan(before), GONE_MS);
    footprints.push(footprint(pool, signal));
  }
  const { answered, workers } = pool.status();
  return {
    calls: callsPerKill * kills,
    answered,
    restarts: workers.reduce((sum, worker) => sum + worker.restarts, 0),
    kills,
    footprints,
    seconds: (performance.now() - startedAtMs) / 1_000,
  };
}

async function sendAll(pool: PosePool, calls: number, signal: AbortSignal): Promise<void> {
  const answers: Promise<unknown>[] = [];
  for (let call = 0; call < calls; call += 1) {
    await pool.ready();
    const picture = { data: new Uint8Array(64 * 48), width: 64, height: 48, format: 'gray8' } as const;
    answers.push(pool.estimate(picture, { signal }));
  }
  await Promise.all(answers);
}

/** A daemon that was replaced may take a moment to end, and its pipes another. */
function holdsNoMoreThan({ children, descriptors }: Footprint): boolean {
  return (countChildren() ?? 0) <= (children ?? 0) && (countDescriptors() ?? 0) <= (descriptors ?? 0);
}

/** While it is at work. */
async function killOne(pool: PosePool, slot: number): Promise<void> {
  await until(() => (pool.status().workers[slot]?.inFlight ?? 0) > 0, GONE_MS);
  const { daemon } = pool.status().workers[slot] ?? {};
  if (!daemon) throw new Error(`nobody is in place ${slot} to be killed`);
  process.kill(daemon.pid, 'SIGKILL');
}
