/** The whole gateway: pool, jobs, router and sockets, started and ended in order. */
import type { FastifyInstance } from 'fastify';
import type { PoseError } from 'pose-sidecar';
import { assemble } from './assemble.ts';
import { effectiveValues } from './config/describe.ts';
import type { Resolved } from './config/resolve.ts';
import { startHousekeeping } from './housekeeping.ts';
import { buildApp } from './http/app.ts';
import { oneOf } from './http/legacy/health.ts';
import { Listeners } from './listen/listeners.ts';
import type { Logger } from './log/logger.ts';
import { ApiKeys } from './security/api-keys.ts';
import type { Service } from './service.ts';

/** Milliseconds for jobs that run, and for answers that are under way, when the gateway ends. */
const JOBS_GRACE_MS = 3_000;
const HTTP_GRACE_MS = 1_500;
/** Of a digest, in a line for people; the whole stands beside it. */
const SHOWN_DIGITS = 12;

interface Parts {
  readonly service: Service;
  readonly app: FastifyInstance;
  readonly listeners: Listeners;
}

export class Gateway implements AsyncDisposable {
  readonly service: Service;
  readonly #app: FastifyInstance;
  readonly #listeners: Listeners;
  readonly #endHousekeeping: () => void;
  #closing: Promise<void> | null = null;

  private constructor({ service, app, listeners }: Parts) {
    this.service = service;
    this.#app = app;
    this.#listeners = listeners;
    this.#endHousekeeping = startHousekeeping(service);
  }

  /** Listens when it resolves; daemons may still be starting. Throws PoseError and leaves nothing behind. */
  static async start(resolved: Resolved, log: Logger): Promise<Gateway> {
    const { config } = resolved;
    for (const line of effectiveValues(resolved)) log.info(`configuration: ${line}`);
    const { apiKeysFile } = config;
    const onProblem = (error: PoseError) => log.error({ code: error.code }, error.message);
    const keys = apiKeysFile === null ? null : new ApiKeys(apiKeysFile, { onProblem });
    const service = assemble(config, log);
    const { pool, store, runner } = service;
    try {
      const app = await buildApp(service, keys);
      const listeners = await Listeners.open(config, app.routing);
      for (const url of listeners.urls) log.info(`listening on ${url}`);
      pool.on('ready', () => tellReady(service));
      runner.start();
      return new Gateway({ service, app, listeners });
    } catch (error) {
      await pool.close();
      store.close();
      throw error;
    }
  }

  /** As `http://127.0.0.1:5000`. */
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

  /**
   * Take no new work, let what runs go on for a moment, give the other jobs back to the queue, answer those who wait,
   * end every process. Idempotent; bounded in time.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const { readiness, runner, watch, pool, store, metrics, renditions } = this.service;
    readiness.end();
    renditions.close();
    this.#endHousekeeping();
    const silent = this.#listeners.close(JOBS_GRACE_MS + HTTP_GRACE_MS);
    await runner.stop({ drainMs: JOBS_GRACE_MS });
    watch.end();
    await this.#app.close();
    await silent;
    await pool.close();
    store.close();
    metrics.close();
  }
}

function tellReady({ log, readiness }: Service): void {
  const daemon = oneOf(readiness.pool);
  if (daemon === null) return;
  const { interpreter, version, estimator, detector, device, models, warnings } = daemon;
  log.info({ interpreter, version }, `interpreter: ${interpreter}, pose-sidecar ${version}`);
  log.info(
    { estimator, detector, device },
    `models: ${estimator}${detector === null ? '' : ` with ${detector}`}, on ${device}`,
  );
  for (const { name, sha256, file } of models) {
    const digest = sha256.slice(0, SHOWN_DIGITS);
    log.info({ model: name, sha256, file }, `model: ${name}, sha256 ${digest}, from ${file ?? 'the daemon'}`);
  }
  for (const warning of warnings) log.warn(warning);
  log.info('ready');
}
