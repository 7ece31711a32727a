/** The parts of the gateway, joined: nothing listens yet, daemons start. */
import { join } from 'node:path';
import { PosePool } from 'pose-sidecar';
import type { Config } from './config/options.ts';
import { Readiness } from './http/availability.ts';
import { JobFigures } from './http/job-figures.ts';
import { JobWatch } from './http/job-watch.ts';
import type { JobStore } from './jobs/job.ts';
import { JobRunner } from './jobs/runner.ts';
import type { Logger } from './log/logger.ts';
import { daemonLogger, poolLogger } from './log/pool-log.ts';
import { Metrics } from './metrics/metrics.ts';
import { FrameIndexes } from './results/frame-index.ts';
import { Renditions } from './results/renditions.ts';
import { Roots } from './security/roots.ts';
import type { Service } from './service.ts';
import { SqliteStore } from './store/sqlite-store.ts';
import { Uploads } from './uploads/uploads.ts';

/** Milliseconds for requests that run when the gateway ends. */
const POOL_DRAIN_MS = 2_000;
/** Finished jobs that are remembered. */
const KEEP_JOBS = 100_000;

/** Throws STORE_UNAVAILABLE, STORE_TOO_NEW, CONFIG_INVALID. */
export function assemble(config: Config, log: Logger): Service {
  const { dataDir } = config;
  const store = new SqliteStore({ file: join(dataDir, 'jobs.sqlite'), maxQueued: config.maxQueue });
  const pool = openPool(config, log);
  const readiness = new Readiness(pool);
  const runner = newRunner(config, log, store, pool, readiness);
  const uploads = new Uploads(join(dataDir, 'uploads'), config, store);
  const figures = new JobFigures(store);
  runner.events.on('job', () => figures.forget());
  const parts = {
    config,
    log,
    pool,
    readiness,
    store,
    runner,
    watch: new JobWatch(runner.events, store),
    figures,
    indexes: new FrameIndexes(),
    renditions: new Renditions({ folder: join(dataDir, 'renditions'), results: join(dataDir, 'results') }),
    roots: new Roots([...config.roots, uploads.folder]),
    uploads,
  };
  return { ...parts, metrics: new Metrics(parts) };
}

function newRunner(
  config: Config,
  log: Logger,
  store: JobStore,
  pool: PosePool,
  readiness: Readiness,
): JobRunner {
  return new JobRunner({
    store,
    pool,
    concurrency: config.concurrentJobs,
    log: poolLogger(log),
    out: join(config.dataDir, 'results'),
    noProgressMs: config.noProgressMs,
    maxDurationS: config.maxDurationS,
    maxAttempts: config.maxAttempts,
    isReady: () => readiness.canWork,
    retention: { maxAgeS: config.keepS, maxBytes: config.keepBytes, maxJobs: KEEP_JOBS },
  });
}

function openPool(config: Config, log: Logger): PosePool {
  const { poolSize, python, servicePath, estimator, detector, estimatorOptions, modelsDir, debug, logDir } =
    config;
  return PosePool.create({
    ...(poolSize === null ? {} : { size: poolSize }),
    ...(python === null ? {} : { python }),
    ...(servicePath === null ? {} : { servicePath }),
    ...(estimator === null ? {} : { estimator }),
    ...(detector === null ? {} : { detector }),
    ...(modelsDir === null ? {} : { modelsDir }),
    niceness: config.niceness,
    options: estimatorOptions,
    env: { POSE_LOG_DIR: logDir },
    logLevel: debug ? 'DEBUG' : 'INFO',
    drainMs: POOL_DRAIN_MS,
    log: poolLogger(log),
    logger: daemonLogger(log),
  });
}
