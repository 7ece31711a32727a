/** Retention forgets enough, and no more, whatever the history looks like. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseForgettable, type FinishedJob, historyOf } from '../../src/jobs/forgettable.ts';

const histories = fc
  .array(fc.record({ ageS: fc.nat(100), directory: fc.option(fc.nat(5)) }), { maxLength: 30 })
  .map((jobs) =>
    jobs
      .toSorted((a, b) => b.ageS - a.ageS)
      .map(
        ({ ageS, directory }, index): FinishedJob => ({
          id: String(index),
          completedAtS: 1_000 - ageS,
          // The same directory has the same size.
          result: directory === null ? null : { directory: `/out/${directory}`, bytes: directory * 10 },
        }),
      ),
  );
const limits = fc.record({ maxAgeS: fc.nat(100), maxBytes: fc.nat(200), maxJobs: fc.nat(30) });

const bytesOf = (jobs: readonly FinishedJob[]) =>
  [...new Map(jobs.flatMap(({ result }) => (result ? [[result.directory, result.bytes]] : [])))]
    .map(([, bytes]) => bytes as number)
    .reduce((sum, bytes) => sum + bytes, 0);

test('what is left keeps to every limit, and no directory of it is removed', () => {
  fc.assert(
    fc.property(histories, limits, (finished, retention) => {
      const { ids, directories } = chooseForgettable(finished, historyOf(finished), retention, 1_000);
      const left = finished.filter(({ id }) => !ids.has(id));
      expect(left.length).toBeLessThanOrEqual(retention.maxJobs);
      expect(bytesOf(left)).toBeLessThanOrEqual(retention.maxBytes);
      for (const { completedAtS } of left)
        expect(completedAtS).toBeGreaterThanOrEqual(1_000 - retention.maxAgeS);
      const kept = new Set(left.map(({ result }) => result?.directory));
      expect(directories.filter((directory) => kept.has(directory))).toEqual([]);
      const named = new Set(finished.flatMap(({ result }) => result?.directory ?? []));
      expect(new Set([...directories, ...kept].filter(Boolean))).toEqual(named);
    }),
    { seed: 7, numRuns: 500 },
  );
});

test('within the limits nothing is forgotten', () => {
  fc.assert(
    fc.property(histories, (finished) => {
      const all = { maxAgeS: 100, maxBytes: 1e9, maxJobs: 30 };
      expect(chooseForgettable(finished, historyOf(finished), all, 1_000).ids.size).toBe(0);
    }),
    { seed: 7 },
  );
});
