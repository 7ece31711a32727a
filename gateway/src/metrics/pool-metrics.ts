/** Workers, and what calls spend their time on. */
import type { Answered, Transition } from 'pose-sidecar';
import { WORKER_STATES } from 'pose-sidecar';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Service } from '../service.ts';

const BREAKER_STATES = ['closed', 'half-open', 'open'] as const;
const STAGE_BUCKETS_S = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];
/** A worker that was replaced on purpose: for its age, its memory, its number of requests. */
const PLANNED = 'planned';

export function watchPool(registry: Registry, { pool }: Pick<Service, 'pool'>): void {
  const registers = [registry];
  const stages = new Histogram({
    name: 'pose_call_stage_seconds',
    help: 'What answered calls spent their time on: queue, wire, decode, infer, encode; prefetched is the wait in the daemon.',
    labelNames: ['op', 'stage'],
    buckets: STAGE_BUCKETS_S,
    registers,
  });
  const calls = new Counter({
    name: 'pose_calls_total',
    help: 'Calls that came back from a worker.',
    labelNames: ['op', 'outcome'],
    registers,
  });
  pool.on('answered', ({ op, ok, queueMs, wireMs, stagesMs }: Answered) => {
    calls.inc({ op, outcome: ok ? 'ok' : 'error' });
    const { queue, ...working } = stagesMs;
    const spent = {
      queue: queueMs,
      wire: wireMs,
      ...(queue === undefined ? {} : { prefetched: queue }),
      ...working,
    };
    for (const [stage, ms] of Object.entries(spent)) stages.observe({ op, stage }, ms / 1000);
  });

  const restarts = new Counter({
    name: 'pose_worker_restarts_total',
    help: 'Processes started after the first of their place, by the code of what ended the one before.',
    labelNames: ['cause'],
    registers,
  });
  const endedBy = new Map<number, string>();
  pool.on('transition', ({ slot, from, to, code }: Transition) => {
    if (code !== null) endedBy.set(slot, code);
    if (to !== 'spawning' || from === null) return;
    restarts.inc({ cause: endedBy.get(slot) ?? PLANNED });
    endedBy.delete(slot);
  });
  const retries = new Counter({
    name: 'pose_call_retries_total',
    help: 'Calls that lost their worker and went to another.',
    registers,
  });
  pool.on('retry', () => retries.inc());

  new Gauge({
    name: 'pose_workers',
    help: 'Workers by their state.',
    labelNames: ['state'],
    registers,
    collect() {
      for (const state of WORKER_STATES) this.set({ state }, 0);
      for (const { state } of pool.status().workers) this.inc({ state });
    },
  });
  new Gauge({
    name: 'pose_worker_rss_bytes',
    help: 'Resident memory of each worker, when it last told.',
    labelNames: ['slot'],
    registers,
    collect() {
      this.reset();
      for (const { slot, daemon } of pool.status().workers) if (daemon) this.set({ slot }, daemon.rssBytes);
    },
  });
  new Gauge({
    name: 'pose_breaker_state',
    help: '1 for the state in which the breaker is.',
    labelNames: ['state'],
    registers,
    collect() {
      const { breaker } = pool.status();
      for (const state of BREAKER_STATES) this.set({ state }, state === breaker ? 1 : 0);
    },
  });
  gauge('pose_workers_ready', 'Workers that take calls.', () => pool.status().ready);
  gauge('pose_calls_in_flight', 'Calls that workers have.', () => pool.status().inFlight);
  gauge('pose_calls_queued', 'Calls that wait for a worker.', () => pool.status().queued);
  gauge(
    'pose_calls_oldest_wait_seconds',
    'Wait of the oldest waiting call.',
    () => pool.status().oldestWaitMs / 1000,
  );
  gauge(
    'pose_inputs_quarantined',
    'Inputs that are refused because they ended workers.',
    () => pool.status().quarantined,
  );

  function gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  }
}
