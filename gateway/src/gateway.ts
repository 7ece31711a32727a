/** The whole gateway: pool, jobs, router and sockets, started and ended in order. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { type PoseError, PosePool } from 'pose-sidecar';
import { effectiveValues } from './config/describe.ts';
import type { Config } from './config/options.ts';
import type { Resolved } from './config/resolve.ts';
import { buildApp } from './http/app.ts';
import { Readiness } from './http/availability.ts';
import { JobFigures } from './http/job-figures.ts';
import { Listeners } from './listen/listeners.ts';
import type { Logger } from './log/logger.ts';
import { daemonLogger, poolLogger } from './log/pool-log.ts';
import { ApiKeys } from './security/api-keys.ts';
import type { Service } from './service.ts';
import { SqliteStore } from './store/sqlite-store.ts';

/** Milliseconds for answers that are under way when the gateway ends. */
const HTTP_GRACE_MS = 3_000;
const POOL_DRAIN_MS = 3_000;

export class Gateway {
  readonly service: Service;
  readonly #app: FastifyInstance;
  readonly #listeners: Listeners;
  #closing: Promise<void> | null = null;

  private constructor(service: Service, app: FastifyInstance, listeners: Listeners) {
    this.service = service;
    this.#app = app;
    this.#listeners = listeners;
  }

  /** Listens when it resolves; daemons may still be starting. Throws PoseError and leaves nothing behind. */
  static async start(resolved: Resolved, log: Logger): Promise<Gateway> {
    const { config } = resolved;
    for (const line of effectiveValues(resolved)) log.info(`configuration: ${line}`);
    const keys =
      config.apiKeysFile === null
        ? null
        : new ApiKeys(config.apiKeysFile, { onProblem: (e) => log.error(e.message) });
    mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
    const store = new SqliteStore({ file: join(config.dataDir, 'jobs.sqlite'), maxQueued: config.maxQueue });
    const pool = openPool(config, log);
    const service: Service = {
      config,
      log,
      pool,
      readiness: new Readiness(pool),
      store,
      figures: new JobFigures(store),
    };
    try {
      const app = await buildApp(service, keys);
      const listeners = await Listeners.open(config, app.routing);
      for (const url of listeners.urls) log.info(`listening on ${url}`);
      return new Gateway(service, app, listeners);
    } catch (error) {
      await pool.close();
      store.close();
      throw error;
    }
  }

  get urls(): readonly string[] {
    return this.#listeners.urls;
  }

  /** Calls `tell` when the pool gives up before any daemon was ready; it goes on trying, less and less often. */
  onHopeless(tell: (cause: PoseError) => void): void {
    const { pool, readiness } = this.service;
    const look = () => {
      const { breaker, lastFailure } = pool.status();
      if (breaker === 'open' && lastFailure !== null && !readiness.everReady) tell(lastFailure);
    };
    pool.on('breaker', look);
    look();
  }

  /** Takes no new work, lets answers end, gives running jobs back to the queue, ends every process. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const { readiness, pool, store } = this.service;
    readiness.end();
    await this.#listeners.close(HTTP_GRACE_MS);
    await this.#app.close();
    await pool.close();
    store.close();
  }
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
    options: estimatorOptions,
    env: { POSE_LOG_DIR: logDir },
    logLevel: debug ? 'DEBUG' : 'INFO',
    drainMs: POOL_DRAIN_MS,
    log: poolLogger(log),
    logger: daemonLogger(log),
  });
}
