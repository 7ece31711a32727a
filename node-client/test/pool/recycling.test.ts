import { describe, expect, test } from 'vitest';
import { drawLimits, type RecycleLimits, whyRecycle } from '../../src/pool/recycling.ts';

const NEVER: RecycleLimits = {
  afterRequests: Number.POSITIVE_INFINITY,
  afterMs: Number.POSITIVE_INFINITY,
  maxRssBytes: Number.POSITIVE_INFINITY,
};
const fresh = { sent: 0, ageMs: 0, rssBytes: 0 };

test.for<[string, Partial<typeof fresh>, Partial<RecycleLimits>, string | null]>([
  ['without limits', { sent: 1e9, ageMs: 1e12, rssBytes: 1e12 }, {}, null],
  [
    'below every limit',
    { sent: 9, ageMs: 99, rssBytes: 999 },
    { afterRequests: 10, afterMs: 100, maxRssBytes: 1_000 },
    null,
  ],
  ['requests', { sent: 10 }, { afterRequests: 10 }, 'it has had 10 requests'],
  ['one request', { sent: 1 }, { afterRequests: 1 }, 'it has had 1 requests'],
  ['age', { ageMs: 90_000 }, { afterMs: 90_000 }, 'it is 90 s old'],
  [
    'row 47: memory',
    { rssBytes: 2.5e9 },
    { maxRssBytes: 2e9 },
    'it holds 2500 MB, over the limit of 2000 MB',
  ],
])('%s', ([, wear, limits, why]) => {
  expect(whyRecycle({ ...fresh, ...wear }, { ...NEVER, ...limits })).toBe(why);
});

describe('the age of one daemon', () => {
  test.for([
    [0, 100_000],
    [0.5, 90_000],
    [1, 80_000],
  ] as const)('drawn at %f is %i ms', ([drawn, afterMs]) => {
    expect(drawLimits({ ...NEVER, afterMs: 100_000 }, () => drawn).afterMs).toBe(afterMs);
  });

  test('without a limit has none, and the others stay', () => {
    expect(drawLimits({ ...NEVER, afterRequests: 5 }, () => 0.5)).toEqual({ ...NEVER, afterRequests: 5 });
  });
});
