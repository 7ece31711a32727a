import { beforeEach, describe, expect, test } from 'vitest';
import {
  Admission,
  availableMemory,
  hasRoom,
  type MemoryNeeds,
  RECHECK_MS,
} from '../../src/pool/admission.ts';
import { FakeClock } from '../../src/testing/index.ts';

const GB = 1e9;

test.for<[available: number, peak: number, starting: number, room: boolean]>([
  [1, 0, 0, true],
  [0, 0, 7, true],
  [3, 3, 0, true],
  [2.9, 3, 0, false],
  [5.9, 3, 1, false],
  [6, 3, 1, true],
])(
  'with %f GB left, %f GB for one and %i that start, there is room: %s',
  ([available, peak, starting, room]) => {
    expect(hasRoom({ of: 'memory', availableBytes: available * GB, peakBytes: peak * GB, starting })).toBe(
      room,
    );
  },
);

test('what is left is a number of bytes', () => {
  expect(availableMemory()).toBeGreaterThan(1_000_000);
});

describe('the line', () => {
  let clock: FakeClock;
  let needs: MemoryNeeds;
  let short: MemoryNeeds[];
  let started: [name: string, atMs: number][];
  let admission: Admission;

  beforeEach(() => {
    clock = new FakeClock();
    needs = { of: 'memory', availableBytes: 8 * GB, peakBytes: 0, starting: 0 };
    short = [];
    started = [];
    admission = new Admission({
      clock,
      spawnIntervalMs: 50,
      needs: () => [needs],
      onShort: (seen) => short.push(seen),
    });
  });

  const join = (name: string, mayWait = true) =>
    admission.join(
      () => started.push([name, clock.nowMs()]),
      () => mayWait,
    );

  test('row 22 (memory faked): eight that come at once start one after another', () => {
    for (const name of 'abcdefgh') join(name);
    clock.advance(1_000);
    expect(started).toEqual([...'abcdefgh'].map((name, index) => [name, index * 50]));
    expect(clock.pending).toBe(0);
  });

  test('one that comes later does not wait', () => {
    join('a');
    clock.advance(60);
    join('b');
    expect(started).toEqual([
      ['a', 0],
      ['b', 60],
    ]);
  });

  test('row 22 (memory faked): while memory is short nobody starts, and it is said once', () => {
    needs = { of: 'memory', availableBytes: 2 * GB, peakBytes: 3 * GB, starting: 0 };
    join('a');
    join('b');
    clock.advance(10 * RECHECK_MS);
    expect(started).toEqual([]);
    expect(short).toEqual([needs]);
    needs = { ...needs, availableBytes: 7 * GB };
    clock.advance(RECHECK_MS + 50);
    expect(started.map(([name]) => name)).toEqual(['a', 'b']);
    needs = { ...needs, availableBytes: 0 };
    join('c');
    clock.advance(60);
    expect(short).toHaveLength(2);
  });

  test('the last one that serves does not wait for memory', () => {
    needs = { of: 'memory', availableBytes: 0, peakBytes: 3 * GB, starting: 0 };
    join('a', false);
    expect(started).toEqual([['a', 0]]);
    expect(short).toEqual([]);
  });

  test('row 22 (GPU faked): whichever memory is short holds the line', () => {
    const gpu: MemoryNeeds = { of: 'GPU memory', availableBytes: 2 * GB, peakBytes: 3 * GB, starting: 0 };
    const both = new Admission({
      clock,
      spawnIntervalMs: 0,
      needs: () => [needs, gpu],
      onShort: (seen) => short.push(seen),
    });
    both.join(
      () => started.push(['a', clock.nowMs()]),
      () => true,
    );
    clock.advance(RECHECK_MS);
    expect(started).toEqual([]);
    expect(short).toEqual([gpu]);
    both.stop();
  });

  test('who starts may put another in the line', () => {
    admission.join(
      () => join('b'),
      () => true,
    );
    clock.advance(50);
    expect(started).toEqual([['b', 50]]);
  });

  test('after stop nobody starts', () => {
    join('a');
    join('b');
    admission.stop();
    clock.advance(1_000);
    expect(started).toEqual([['a', 0]]);
    expect(clock.pending).toBe(0);
  });
});
