import { beforeEach, describe, expect, test } from 'vitest';
import { PoseError, WorkerDiedError } from '../../src/errors.ts';
import type { ConcurrencyChange } from '../../src/pool/events.ts';
import { MemoryPressure, PAUSE_FIRST_MS, PAUSE_MAX_MS } from '../../src/pool/memory-pressure.ts';
import { FakeClock } from '../../src/testing/index.ts';

const died = (code: string, oomSeen: boolean | null) =>
  new WorkerDiedError(code, 'told to', { pid: 1, exit: null, stderrTail: '', uptimeMs: 1, oomSeen });
const noResources = new PoseError('NO_RESOURCES', 'CUDA out of memory');

let clock: FakeClock;
let changes: ConcurrencyChange[];
let pressure: MemoryPressure;
beforeEach(() => {
  clock = new FakeClock();
  changes = [];
  pressure = new MemoryPressure(4, clock, (change) => changes.push(change));
});

test('the limits', () => {
  expect([PAUSE_FIRST_MS, PAUSE_MAX_MS]).toEqual([60_000, 600_000]);
});

describe('rows 39 and 40: is it memory?', () => {
  test.for<[string, PoseError, boolean]>([
    ['the daemon says so', noResources, true],
    ['killed while the kernel’s counter rose', died('OOM_SUSPECTED', true), true],
    ['killed while it did not', died('OOM_SUSPECTED', false), false],
    ['killed where the kernel does not tell', died('OOM_SUSPECTED', null), false],
    ['another death while it rose', died('WORKER_DIED', true), false],
    ['another error', new PoseError('INTERNAL', 'x'), false],
  ])('%s', ([, error, isMemory]) => {
    expect(pressure.pauseMs(error, 3)).toBe(isMemory ? 60_000 : null);
    expect(changes).toHaveLength(isMemory ? 1 : 0);
  });

  test('the only daemon is not sent away for it', () => {
    expect(pressure.pauseMs(noResources, 0)).toBeNull();
    expect(changes).toEqual([]);
  });
});

describe('rows 39 and 40: fewer daemons, and said so', () => {
  test('one less, then as many as are ready', () => {
    pressure.pauseMs(noResources, 3);
    expect(changes).toEqual([{ from: 4, to: 3, cause: 'memory ran out; one daemon less for 60 s' }]);
    pressure.inUse(3);
    pressure.inUse(4);
    expect(changes.at(-1)).toEqual({ from: 3, to: 4, cause: 'memory allows another daemon again' });
    expect(changes).toHaveLength(2);
  });

  test('a start that waits for memory says how much is missing', () => {
    pressure.held({ of: 'GPU memory', availableBytes: 2e9, peakBytes: 3e9, starting: 0 }, 3);
    const cause = 'a daemon waits to start: 2000 MB of GPU memory are left, and one has held 3000 MB';
    expect(changes).toEqual([{ from: 4, to: 3, cause }]);
  });
});

describe('how long a slot stays empty', () => {
  const again = (afterMs: number) => {
    clock.advance(afterMs);
    return pressure.pauseMs(noResources, 3);
  };

  test('twice as long each time memory runs out soon after, up to ten minutes', () => {
    const pauses = [pressure.pauseMs(noResources, 3)];
    for (let time = 0; time < 5; time += 1) {
      pressure.inUse(4);
      pauses.push(again((pauses.at(-1) as number) + 1_000));
    }
    expect(pauses).toEqual([60_000, 120_000, 240_000, 480_000, 600_000, 600_000]);
  });

  test('as at first once it has gone well for as long again', () => {
    pressure.pauseMs(noResources, 3);
    expect(again(60_000 + 59_999)).toBe(120_000);
    expect(again(120_000 + 120_000)).toBe(60_000);
  });
});
