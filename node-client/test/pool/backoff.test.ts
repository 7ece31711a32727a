import { expect, test } from 'vitest';
import { BACKOFF_FIRST_MS, BACKOFF_MAX_MS, backoffMs } from '../../src/pool/backoff.ts';

test('the limits', () => {
  expect([BACKOFF_FIRST_MS, BACKOFF_MAX_MS]).toEqual([250, 30_000]);
});

test.for([
  [0, 250],
  [1, 250],
  [2, 500],
  [3, 1_000],
  [7, 16_000],
  [8, 30_000],
  [16, 30_000],
  [1_000, 30_000],
  [Number.MAX_SAFE_INTEGER, 30_000],
] as const)('after %i failures in a row: anything from 0 to %i ms', ([failures, ceilingMs]) => {
  expect(backoffMs(failures, () => 0)).toBe(0);
  expect(backoffMs(failures, () => 0.5)).toBe(ceilingMs / 2);
  expect(backoffMs(failures, () => 1 - Number.EPSILON)).toBeLessThan(ceilingMs);
  expect(backoffMs(failures, () => 1 - Number.EPSILON)).toBeGreaterThan(ceilingMs * 0.999);
});

test('the jitter is full: every tenth of the range is hit about equally often', () => {
  const draws = 10_000;
  const tenths = new Array<number>(10).fill(0);
  let seed = 1;
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  for (let draw = 0; draw < draws; draw += 1) {
    const tenth = Math.floor(backoffMs(4, random) / 200);
    tenths[tenth] = (tenths[tenth] ?? 0) + 1;
  }
  for (const hits of tenths) expect(hits).toBeGreaterThan(draws / 10 / 1.3);
});
