/** Workers in words. */
import { WORKER_STATES } from 'pose-sidecar';
import { expect, test } from 'vitest';
import type { WorkerStats } from '../../../web/api/types.ts';
import { doingOf, factsOf, moodOf, STATES } from '../../../web/pool/worker-words.ts';

const WORKER: WorkerStats = {
  slot: 0,
  state: 'ready',
  restarts: 0,
  in_flight: 0,
  rss_bytes: 312_000_000,
  uptime_s: 65,
  estimator: 'blazepose',
  device: 'CPU',
};

test.for([
  ['ready', 0, 'idle', 'good'],
  ['busy', 1, '1 request in hand', 'busy'],
  ['busy', 4, '4 requests in hand', 'busy'],
  ['loading', 0, 'loading its models', 'waiting'],
  ['unresponsive', 2, 'does not answer, 2 requests in hand', 'bad'],
  ['not known here', 0, 'not known here', 'waiting'],
] as const)('%s with %i', ([state, in_flight, doing, mood]) => {
  expect([doingOf({ state, in_flight }), moodOf({ state })]).toEqual([doing, mood]);
});

test('every state has its words', () => {
  expect(Object.keys(STATES)).toEqual([...WORKER_STATES]);
});

test('facts that are not known are left out', () => {
  expect(factsOf(WORKER)).toBe('blazepose on CPU · 312 MB · up 1 min 5 s');
  expect(
    factsOf({ ...WORKER, restarts: 2, estimator: null, device: null, rss_bytes: null, uptime_s: null }),
  ).toBe('started anew 2 times');
});
