/** Every number that Prometheus may ask for, in one registry per gateway. */
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Service } from '../service.ts';
import { watchDisk } from './disk.ts';
import { watchGpu } from './gpu.ts';
import { type HttpMetrics, newHttpMetrics } from './http-metrics.ts';
import { watchJobs } from './job-metrics.ts';
import { watchPool } from './pool-metrics.ts';

/** Milliseconds for which a text is told again: many who ask at once cost as much as one. */
const MAX_AGE_MS = 500;

export class Metrics {
  readonly http: HttpMetrics;
  readonly #registry = new Registry();
  #text: Promise<string> | null = null;
  #takenAtMs = Number.NEGATIVE_INFINITY;

  constructor(service: Omit<Service, 'metrics'>) {
    collectDefaultMetrics({ register: this.#registry });
    this.http = newHttpMetrics(this.#registry);
    watchPool(this.#registry, service);
    watchJobs(this.#registry, service);
    watchDisk(this.#registry, service);
    watchGpu(this.#registry, service);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** In Prometheus' text format. */
  text(): Promise<string> {
    const nowMs = performance.now();
    if (this.#text === null || nowMs - this.#takenAtMs > MAX_AGE_MS) {
      this.#text = this.#registry.metrics();
      this.#takenAtMs = nowMs;
    }
    return this.#text;
  }

  close(): void {
    this.#registry.clear();
  }
}
