/** Every number that Prometheus may ask for, in one registry per gateway. */
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Service } from '../service.ts';
import { watchGpu } from './gpu.ts';
import { type HttpMetrics, newHttpMetrics } from './http-metrics.ts';
import { watchJobs } from './job-metrics.ts';
import { watchPool } from './pool-metrics.ts';

export class Metrics {
  readonly http: HttpMetrics;
  readonly #registry = new Registry();

  constructor(service: Omit<Service, 'metrics'>) {
    collectDefaultMetrics({ register: this.#registry });
    this.http = newHttpMetrics(this.#registry);
    watchPool(this.#registry, service);
    watchJobs(this.#registry, service);
    watchGpu(this.#registry, service);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** In Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  close(): void {
    this.#registry.clear();
  }
}
