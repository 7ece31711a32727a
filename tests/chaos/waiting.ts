/** Waits that have an end. */
import type { PosePool } from '../../node-client/src/index.ts';

/** For daemons to become ready, all of them. */
export const READY_MS = 60_000;

const LOOK_EVERY_MS = 10;

/** Resolves when it holds, or after `atMostMs`; tells which. */
export async function until(holds: () => boolean, atMostMs: number): Promise<boolean> {
  const endMs = performance.now() + atMostMs;
  while (!holds()) {
    if (performance.now() >= endMs) return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  return true;
}

/** Throws the reason, and closes the pool, when not all daemons become ready. */
export async function allReady(pool: PosePool): Promise<void> {
  const isReady = () => pool.status().ready === pool.status().size;
  await until(() => isReady() || pool.status().breaker === 'open', READY_MS);
  if (isReady()) return;
  const reason = pool.status().lastFailure ?? new Error(`not all daemons were ready after ${READY_MS} ms`);
  await pool.close();
  throw reason;
}
