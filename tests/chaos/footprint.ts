/** What this process holds of the system: memory, descriptors, listeners, children. */
import { getEventListeners } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { PosePool } from '../../node-client/src/index.ts';

export interface Footprint {
  readonly rssBytes: number;
  readonly heapBytes: number;
  /** Null where the system does not list them. */
  readonly descriptors: number | null;
  /** Of the process, the pool and the signal that all calls share. */
  readonly listeners: number;
  /** Null where the system does not list them. */
  readonly children: number | null;
}

/** Garbage is collected before, where Node runs with --expose-gc. */
export function footprint(pool: PosePool, signal: AbortSignal): Footprint {
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  const emitters = [process, pool].flatMap((emitter) =>
    emitter.eventNames().map((name) => emitter.listenerCount(name as 'ready')),
  );
  return {
    rssBytes: rss,
    heapBytes: heapUsed,
    descriptors: countDescriptors(),
    listeners: emitters.reduce((sum, count) => sum + count, 0) + getEventListeners(signal, 'abort').length,
    children: countChildren(),
  };
}

/** Files, pipes and sockets that are open; null where the system does not list them. */
export function countDescriptors(): number | null {
  return listed('/proc/self/fd')?.length ?? null;
}

/** Processes that this one started and has not seen the end of; null where the system does not list them. */
export function countChildren(): number | null {
  const tasks = listed('/proc/self/task');
  if (tasks === null) return null;
  const children = tasks.map((task) => readFileSync(`/proc/self/task/${task}/children`, 'utf8').trim());
  return children.filter(Boolean).reduce((sum, pids) => sum + pids.split(' ').length, 0);
}

function listed(directory: string): readonly string[] | null {
  try {
    return readdirSync(directory);
  } catch {
    return null;
  }
}
