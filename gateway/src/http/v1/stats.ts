/** `GET /v1/stats`: jobs, workers and uploads in numbers, for people. */
import type { FastifyInstance } from 'fastify';
import type { Service } from '../../service.ts';
import { errors } from '../schemas.ts';

export function addStatsRoutes(app: FastifyInstance, service: Service): void {
  const { figures, readiness, config, uploads } = service;
  app.get(
    '/v1/stats',
    {
      schema: {
        summary: 'Jobs, workers and uploads in numbers',
        tags: ['operation'],
        response: {
          200: { type: 'object', required: ['timestamp', 'availability', 'jobs', 'pool', 'uploads'] },
          ...errors(503),
        },
      },
    },
    () => {
      const {
        counts,
        oldestQueuedS,
        completedPerHour,
        durationsS,
        failuresByCode,
        interruptions,
        lateResults,
      } = figures.stats;
      const { pool, availability } = readiness;
      const { lastFailure } = pool;
      return {
        timestamp: Date.now() / 1000,
        availability,
        jobs: {
          ...counts,
          oldest_queued_s: oldestQueuedS,
          estimated_wait_s: figures.waitS(config.concurrentJobs),
          completed_per_hour: completedPerHour,
          durations_s: durationsS,
          failures_by_code: failuresByCode,
          interruptions,
          late_results: lateResults,
        },
        pool: {
          size: pool.size,
          ready: pool.ready,
          starting: pool.starting,
          queued: pool.queued,
          oldest_wait_ms: Math.round(pool.oldestWaitMs),
          in_flight: pool.inFlight,
          answered: pool.answered,
          failed: pool.failed,
          retried: pool.retried,
          quarantined: pool.quarantined,
          deaths: pool.deaths,
          breaker: pool.breaker,
          last_failure:
            lastFailure === null
              ? null
              : { code: lastFailure.code, message: lastFailure.message.split('\n')[0] },
          workers: pool.workers.map(({ slot, state, restarts, inFlight, daemon }) => ({
            slot,
            state,
            restarts,
            in_flight: inFlight,
            pid: daemon?.pid ?? null,
            rss_bytes: daemon?.rssBytes ?? null,
            uptime_s: daemon === null ? null : Math.round(daemon.uptimeMs / 1000),
            estimator: daemon?.estimator ?? null,
            device: daemon?.device ?? null,
          })),
        },
        uploads: { under_way: uploads.underWay },
      };
    },
  );
}
