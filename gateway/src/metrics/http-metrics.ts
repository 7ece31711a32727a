/** Answers of the HTTP side, by route and status. */
import { Histogram, type Registry } from 'prom-client';

export interface HttpMetrics {
  /** @param route As it is declared, so that ids do not become labels. */
  answered(method: string, route: string | undefined, status: number, elapsedS: number): void;
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS']);

export function newHttpMetrics(registry: Registry): HttpMetrics {
  const seconds = new Histogram({
    name: 'pose_http_request_seconds',
    help: 'Time from the head of a request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180, 600],
    registers: [registry],
  });
  return {
    answered: (method, route, status, elapsedS) =>
      seconds.observe(
        { method: METHODS.has(method) ? method : 'other', route: route ?? 'none', status: String(status) },
        elapsedS,
      ),
  };
}
