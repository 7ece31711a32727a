/** What is looked after from time to time: files that nobody needs, and a queue that grows. */
import type { Service } from './service.ts';

const BACKLOG_EVERY_MS = 60_000;
const PRUNE_EVERY_MS = 10 * 60_000;

/** Returns the function that ends it. */
export function startHousekeeping(service: Service): () => void {
  const { log, runner, renditions } = service;
  const prune = () => {
    pruneUploads(service).catch((error: Error) => log.warn({ err: error }, 'uploads could not be tidied'));
    renditions.prune().catch((error: Error) => log.warn({ err: error }, 'renditions could not be tidied'));
  };
  const backlog = setInterval(() => warnOfBacklog(service), BACKLOG_EVERY_MS);
  const pruning = setInterval(prune, PRUNE_EVERY_MS);
  runner.events.on('forgotten', prune);
  prune();
  return () => {
    clearInterval(backlog);
    clearInterval(pruning);
    runner.events.off('forgotten', prune);
  };
}

async function pruneUploads({ uploads, log }: Service): Promise<void> {
  const dropped = await uploads.prune();
  if (dropped.length > 0) log.info({ count: dropped.length }, 'uploads that nobody needs were dropped');
}

export function warnOfBacklog({
  figures,
  config,
  readiness,
  log,
}: Pick<Service, 'figures' | 'config' | 'readiness' | 'log'>): void {
  try {
    const { counts, oldestQueuedS } = figures.stats;
    if (counts.queued <= config.degradedQueue) return;
    log.warn(
      { queued: counts.queued, oldest_s: Math.round(oldestQueuedS), availability: readiness.availability },
      `${counts.queued} jobs wait, the oldest for ${Math.round(oldestQueuedS)} s`,
    );
  } catch {
    // the store is away; the runner says so
  }
}
