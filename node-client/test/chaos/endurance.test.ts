/** Restarts and calls leave nothing behind in the host. `scripts/bench endurance` is the long version. */
import { beforeEach, describe, expect, test } from 'vitest';
import { endure } from '../../../tests/chaos/endure.ts';
import { footprint } from '../../../tests/chaos/footprint.ts';
import { PosePool } from '../../src/index.ts';
import { fakeDaemon } from '../../src/testing/index.ts';
import { checkLeaks } from '../leaks.ts';
import { HAS_PYTHON, PYTHON } from '../repository.ts';

beforeEach(checkLeaks);

describe.skipIf(!HAS_PYTHON)('2,000 calls and 20 restarts', () => {
  test('descriptors, listeners and children are as before', { timeout: 120_000 }, async () => {
    const report = await endure({ calls: 2_000, restarts: 20 }, { python: PYTHON });
    expect(report).toMatchObject({ calls: 2_000, answered: 2_000, kills: 10 });
    expect(report.restarts).toBeGreaterThanOrEqual(20);
    expect(report.footprints).toHaveLength(11);
    const [before] = report.footprints;
    for (const { descriptors, listeners, children } of report.footprints) {
      expect({ descriptors, listeners, children }).toEqual({
        descriptors: before?.descriptors,
        listeners: before?.listeners,
        children: before?.children,
      });
    }
  });
});

test('the footprint sees a listener and a child more', async () => {
  const { signal } = new AbortController();
  await using pool = await PosePool.start({ ...fakeDaemon(), size: 1 });
  const before = footprint(pool, signal);
  const forget = () => {};
  signal.addEventListener('abort', forget);
  pool.on('drain', forget);
  process.on('SIGUSR2', forget);
  await using _second = await PosePool.start({ ...fakeDaemon(), size: 1 });
  const after = footprint(pool, signal);
  process.off('SIGUSR2', forget);
  expect(after.listeners).toBe(before.listeners + 3);
  if (before.children === null || before.descriptors === null) return;
  expect(after.children).toBe(before.children + 1);
  expect(after.descriptors).toBeGreaterThan(before.descriptors);
});
