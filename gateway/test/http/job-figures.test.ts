/** What a waiting client is told, from measured durations. */
import { expect, test, vi } from 'vitest';
import { JobFigures } from '../../src/http/job-figures.ts';
import type { JobStats } from '../../src/jobs/job.ts';

function figuresOf(queued: number, processing: number, meanS: number | null) {
  const stats = vi.fn(
    () =>
      ({
        counts: { queued, processing, completed: 0, failed: 0, cancelled: 0 },
        durationsS: meanS === null ? null : { count: 1, mean: meanS, p50: meanS, p95: meanS },
      }) as JobStats,
  );
  return { figures: new JobFigures({ stats }), stats };
}

test.for([
  ['nobody is there', 0, 0, 10, 1, 0],
  ['a place is free beside one', 0, 1, 10, 2, 0],
  ['one is worked on', 0, 1, 10, 1, 10],
  ['one is worked on and three wait', 3, 1, 10, 1, 40],
  ['two are worked on at once', 3, 2, 10, 2, 20],
  ['nothing was ever completed', 3, 1, null, 1, 0],
] as const)('the wait when %s', ([, queued, processing, meanS, concurrent, expected]) => {
  expect(figuresOf(queued, processing, meanS).figures.waitS(concurrent)).toBe(expected);
});

test.for([
  [10, 1, 10],
  [10, 4, 3],
  [0.01, 1, 1],
  [100_000, 1, 300],
  [null, 1, 5],
] as const)('a place is free after jobs of %d s, %i at once: %i', ([meanS, concurrent, expected]) => {
  expect(figuresOf(9, 1, meanS).figures.placeS(concurrent)).toBe(expected);
});

test('the store is asked once for many, and anew after a change', () => {
  const { figures, stats } = figuresOf(0, 0, null);
  for (let count = 0; count < 100; count += 1) void figures.stats;
  expect(stats).toHaveBeenCalledTimes(1);
  figures.forget();
  void figures.stats;
  expect(stats).toHaveBeenCalledTimes(2);
});
