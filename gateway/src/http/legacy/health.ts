/** `GET /health`, `/api/pose/health` and `/api/pose/pool-status`, with the fields of the previous service. */
import type { FastifyInstance } from 'fastify';
import type { DaemonStatus, PoolStatus } from 'pose-sidecar';
import type { JobState } from '../../jobs/job.ts';
import type { Service } from '../../service.ts';
import type { JobFigures } from '../job-figures.ts';
import { epochS, nullable } from '../schemas.ts';

type HealthService = Pick<Service, 'readiness' | 'figures' | 'config'>;

export function addHealthRoutes(app: FastifyInstance, service: HealthService): void {
  const { readiness, figures, config } = service;

  app.get(
    '/health',
    {
      config: { isOpen: true },
      schema: { summary: 'Ready?', tags: ['previous service'], response: { 200: HEALTH, 503: HEALTH } },
    },
    (_, reply) => {
      const daemon = oneOf(readiness.pool);
      const ready = readiness.availability === 'ready';
      void reply.code(ready ? 200 : 503);
      return {
        status: ready ? 'ready' : 'warming_up',
        models: words(modelsOf(daemon)),
        device: deviceOf(daemon),
        ready,
        vitdet_available: daemon !== null && daemon.detector !== null,
        error: ready ? null : (readiness.reason ?? 'no daemon is ready'),
      };
    },
  );

  app.get(
    '/api/pose/health',
    {
      schema: {
        summary: 'Healthy?',
        tags: ['previous service'],
        response: { 200: POSE_HEALTH, 503: POSE_HEALTH },
      },
    },
    (_, reply) => {
      const daemon = oneOf(readiness.pool);
      const counts = countsOf(figures);
      const status = healthOf(service, counts);
      void reply.code(status === 'healthy' || status === 'degraded' ? 200 : 503);
      return {
        status,
        timestamp: Date.now() / 1000,
        models_loaded: daemon !== null,
        gpu_available: deviceOf(daemon) === 'cuda',
        device: deviceOf(daemon),
        models: modelsOf(daemon),
        pool: {
          gpu_busy: isBusy(service, counts),
          queue_length: counts?.queued ?? 0,
          active_jobs: counts?.processing ?? 0,
        },
        error: counts === null ? 'the job store is not available' : readiness.reason,
      };
    },
  );

  app.get(
    '/api/pose/pool-status',
    {
      schema: {
        summary: 'Workers, queue and jobs',
        tags: ['previous service'],
        response: { 200: POOL_STATUS },
      },
    },
    () => {
      const pool = readiness.pool;
      const daemon = oneOf(pool);
      const { counts } = figures.stats;
      const active = pool.workers.filter(({ state }) => state === 'busy').length;
      return {
        timestamp: Date.now() / 1000,
        pool: {
          gpu_busy: isBusy(service, counts),
          max_workers: pool.size,
          active_workers: active,
          available_workers: Math.max(0, pool.ready - active),
        },
        queue: { length: counts.queued, estimated_wait_time_seconds: figures.waitS(config.concurrentJobs) },
        jobs: {
          total: Object.values(counts).reduce((sum, count) => sum + count, 0),
          queued: counts.queued,
          processing: counts.processing,
          // On these routes a job that failed is completed too; how it ended is beside it.
          completed: counts.completed + counts.failed + counts.cancelled,
          failed: counts.failed,
          cancelled: counts.cancelled,
        },
        system: {
          device: deviceOf(daemon),
          gpu_available: deviceOf(daemon) === 'cuda',
          models_loaded: daemon !== null,
        },
      };
    },
  );
}

type Counts = Readonly<Record<JobState, number>>;

function healthOf({ readiness, config }: HealthService, counts: Counts | null): string {
  const { availability } = readiness;
  if (availability === 'warming_up') return 'initializing';
  if (availability !== 'ready' || counts === null) return 'error';
  return counts.queued > config.degradedQueue ? 'degraded' : 'healthy';
}

/** Would a video that comes now have to wait? */
function isBusy({ config }: HealthService, counts: Counts | null): boolean {
  return counts !== null && counts.queued + counts.processing >= config.concurrentJobs;
}

/** Health must be told even when jobs cannot be read. */
function countsOf(figures: JobFigures): Counts | null {
  try {
    return figures.stats.counts;
  } catch {
    return null;
  }
}

/** All daemons of a pool are alike; null while none is ready. */
export function oneOf({ workers }: PoolStatus): DaemonStatus | null {
  return workers.find(({ daemon }) => daemon !== null)?.daemon ?? null;
}

export function deviceOf(daemon: DaemonStatus | null): 'cuda' | 'cpu' {
  return daemon !== null && /cuda|gpu/i.test(daemon.device) ? 'cuda' : 'cpu';
}

/** The estimators of which HMR2.0 is a part. */
const WITH_BODIES: ReadonlySet<string> = new Set(['hmr2', 'hybrid']);

/** The three old names, and what is really there: `vitdet` is the person detector, `phalp` our tracker. */
function modelsOf(daemon: DaemonStatus | null): Readonly<Record<string, boolean>> {
  return {
    hmr2: daemon !== null && WITH_BODIES.has(daemon.estimator),
    vitdet: daemon !== null && daemon.detector !== null,
    phalp: daemon !== null,
    ...(daemon === null ? {} : { [daemon.estimator]: true }),
    ...(daemon?.detector ? { [daemon.detector]: true } : {}),
  };
}

function words(models: Readonly<Record<string, boolean>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(models).map(([name, isLoaded]) => [name, isLoaded ? 'loaded' : 'not_loaded']),
  );
}

const bool = { type: 'boolean' } as const;
const count = { type: 'integer', minimum: 0 } as const;

const HEALTH = {
  type: 'object',
  required: ['status', 'models', 'device', 'ready', 'vitdet_available', 'error'],
  properties: {
    status: { enum: ['ready', 'warming_up'] },
    models: {
      type: 'object',
      required: ['hmr2', 'vitdet', 'phalp'],
      additionalProperties: { enum: ['loaded', 'not_loaded'] },
    },
    device: { enum: ['cuda', 'cpu'] },
    ready: bool,
    vitdet_available: bool,
    error: nullable('string'),
  },
} as const;

const POSE_HEALTH = {
  type: 'object',
  required: ['status', 'timestamp', 'models_loaded', 'gpu_available', 'device', 'models', 'pool'],
  properties: {
    status: { enum: ['healthy', 'initializing', 'degraded', 'error'] },
    timestamp: epochS,
    models_loaded: bool,
    gpu_available: bool,
    device: { enum: ['cuda', 'cpu'] },
    models: { type: 'object', required: ['hmr2', 'vitdet', 'phalp'], additionalProperties: bool },
    pool: {
      type: 'object',
      required: ['gpu_busy', 'queue_length', 'active_jobs'],
      properties: { gpu_busy: bool, queue_length: count, active_jobs: count },
    },
    error: nullable('string'),
  },
} as const;

const POOL_STATUS = {
  type: 'object',
  required: ['timestamp', 'pool', 'queue', 'jobs', 'system'],
  properties: {
    timestamp: epochS,
    pool: {
      type: 'object',
      required: ['gpu_busy', 'max_workers', 'active_workers', 'available_workers'],
      properties: { gpu_busy: bool, max_workers: count, active_workers: count, available_workers: count },
    },
    queue: {
      type: 'object',
      required: ['length', 'estimated_wait_time_seconds'],
      properties: { length: count, estimated_wait_time_seconds: { type: 'number' } },
    },
    jobs: {
      type: 'object',
      required: ['total', 'queued', 'processing', 'completed'],
      properties: {
        total: count,
        queued: count,
        processing: count,
        completed: count,
        failed: count,
        cancelled: count,
      },
    },
    system: {
      type: 'object',
      required: ['device', 'gpu_available', 'models_loaded'],
      properties: { device: { enum: ['cuda', 'cpu'] }, gpu_available: bool, models_loaded: bool },
    },
  },
} as const;
