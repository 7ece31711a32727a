/** What an answered call spent its time on. */
import { expect, test } from 'vitest';
import { type Answered, PosePool } from '../../src/index.ts';
import { toAnswered } from '../../src/pool/answered.ts';
import type { Call } from '../../src/pool/call.ts';
import { newTimeline } from '../../src/process/timeline.ts';
import { checkLeaks } from '../leaks.ts';
import { HAS_PYTHON, PYTHON, ROOT } from '../repository.ts';

const call = { work: { op: 'estimate' }, enteredAtMs: 100, history: { dispatches: 2 } } as Call;

test('the wire has what neither waits nor works', () => {
  const timeline = { ...newTimeline(), sentAtMs: 130, answeredAtMs: 180 };
  const daemon = { receivedUs: 1, stagesMs: { queue: 5, decode: 10, infer: 20, encode: 1, total: 36 } };
  expect(toAnswered(call, { ...timeline, daemon }, true)).toEqual({
    op: 'estimate',
    ok: true,
    attempt: 2,
    queueMs: 30,
    wireMs: 14,
    stagesMs: { queue: 5, decode: 10, infer: 20, encode: 1 },
  });
});

test('a daemon that said nothing leaves no stages, and no time is below 0', () => {
  const lost = { ...newTimeline(), sentAtMs: 90 };
  expect(toAnswered(call, lost, false)).toMatchObject({ ok: false, queueMs: 0, wireMs: 0, stagesMs: {} });
});

test.skipIf(!HAS_PYTHON)('a pool tells of every call that comes back, failed ones too', async () => {
  checkLeaks();
  const options = { python: PYTHON, servicePath: ROOT, estimator: 'null', size: 1, log: () => {} };
  await using pool = await PosePool.start(options);
  const told: Answered[] = [];
  pool.on('answered', (answered) => told.push(answered));
  const image = { data: new Uint8Array(12), width: 2, height: 2, format: 'rgb24' } as const;
  await pool.estimate(image);
  await pool.estimate(new Uint8Array(7)).catch(() => {});
  expect(told).toMatchObject([
    { op: 'estimate', ok: true, attempt: 1, stagesMs: { infer: expect.any(Number) } },
    { op: 'estimate', ok: false, attempt: 1 },
  ]);
});
