/** Row 54: what opens the breaker, what it lets through, what closes it. */
import { beforeEach, describe, expect, test } from 'vitest';
import { PoseError, StartError } from '../../src/errors.ts';
import {
  Breaker,
  type BreakerChange,
  DEATH_WINDOW_MS,
  DEATHS_TO_OPEN,
  isFatal,
  OPEN_FIRST_MS,
  OPEN_MAX_MS,
  poolUnavailable,
} from '../../src/pool/breaker.ts';
import type { Exit } from '../../src/process/exit.ts';
import { FakeClock } from '../../src/testing/index.ts';

const death = new PoseError('WORKER_DIED', 'told to');

let clock: FakeClock;
let changes: BreakerChange[];
let breaker: Breaker;

beforeEach(() => {
  clock = new FakeClock();
  changes = [];
  breaker = new Breaker(clock, (change) => changes.push(change));
});

function die(times: number, everyMs = 0): void {
  for (let time = 0; time < times; time += 1) {
    if (time > 0) clock.advance(everyMs);
    breaker.failed(death);
  }
}

const steps = () => changes.map(({ from, to }) => `${from} ${to}`);

test('the limits', () => {
  expect([DEATHS_TO_OPEN, DEATH_WINDOW_MS, OPEN_FIRST_MS, OPEN_MAX_MS]).toEqual([5, 60_000, 30_000, 600_000]);
});

describe('closed -> open', () => {
  test.for([
    ['IMPORT_FAILED', true],
    ['MODEL_MISSING', true],
    ['MODEL_LOAD_FAILED', true],
    ['VERSION_SKEW', true],
    ['INCOMPATIBLE', true],
    ['PYTHON_TOO_OLD', true],
    ['CONFIG_INVALID', true],
    ['WORKER_DIED', false],
    ['START_FAILED', true],
    ['START_TIMEOUT', false],
    ['OOM_SUSPECTED', false],
    ['NO_RESOURCES', false],
    ['BRAND_NEW', false],
    ['toString', false],
  ] as const)('row 54: %s opens it at once: %s', ([code, opens]) => {
    expect(isFatal(new PoseError(code, 'x'))).toBe(opens);
    breaker.failed(new PoseError(code, 'x'));
    expect(breaker.state).toBe(opens ? 'open' : 'closed');
  });

  test.for<[exit: Partial<Exit>, opens: boolean]>([
    [{ exitCode: 1 }, true],
    [{ exitCode: 127 }, true],
    [{ signal: 'SIGILL' }, true],
    [{ signal: 'SIGSEGV' }, false],
    [{ signal: 'SIGTERM' }, false],
    [{ exitCode: 143 }, false],
  ])('row 54: a start that ended with %j opens it at once: %s', ([exit, opens]) => {
    const how = { exitCode: null, signal: null, ...exit };
    breaker.failed(new StartError('START_FAILED', 'told to', { phase: 'importing', exit: how }));
    expect(breaker.state).toBe(opens ? 'open' : 'closed');
  });

  test('row 5: what may pass by itself does not open it, although its code usually does', () => {
    breaker.failed(new StartError('SPAWN_FAILED', 'EAGAIN', { phase: 'spawning', retryable: true }));
    expect(breaker.state).toBe('closed');
    breaker.failed(new StartError('SPAWN_FAILED', 'ENOENT', { phase: 'spawning' }));
    expect(breaker.state).toBe('open');
  });

  test('row 54: the fifth early death in a minute', () => {
    die(4, 14_999);
    expect(breaker.state).toBe('closed');
    clock.advance(14_999);
    breaker.failed(death);
    expect(changes).toEqual([{ from: 'closed', to: 'open', cause: death }]);
    expect(breaker.cause).toBe(death);
  });

  test('not when the first of five has left the window', () => {
    die(5, 15_000);
    expect(breaker.state).toBe('closed');
    clock.advance(14_999);
    breaker.failed(death);
    expect(breaker.state).toBe('open');
  });

  test('not when a request was answered between them', () => {
    die(4);
    breaker.answered();
    die(4);
    expect(breaker.state).toBe('closed');
  });
});

describe('open -> half-open -> …', () => {
  test('after half a minute one may try', () => {
    die(5);
    clock.advance(OPEN_FIRST_MS - 1);
    expect(breaker.state).toBe('open');
    clock.advance(1);
    expect(changes.at(-1)).toEqual({ from: 'open', to: 'half-open', cause: death });
  });

  test('what fails while it is open does not prolong it', () => {
    die(5);
    clock.advance(OPEN_FIRST_MS - 1);
    die(3);
    clock.advance(1);
    expect(breaker.state).toBe('half-open');
  });

  test('each probe that fails doubles the pause, up to ten minutes', () => {
    die(5);
    for (const pauseMs of [30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000]) {
      expect(clock.nextAtMs).toBe(clock.nowMs() + pauseMs);
      clock.advance(pauseMs);
      expect(breaker.state).toBe('half-open');
      breaker.failed(death);
      expect(breaker.state).toBe('open');
    }
  });

  test('a probe that becomes ready closes it, and one more early death opens it again for longer', () => {
    die(5);
    clock.advance(OPEN_FIRST_MS);
    breaker.ready();
    expect(breaker.state).toBe('closed');
    expect(breaker.cause).toBeNull();
    breaker.failed(death);
    expect(breaker.state).toBe('open');
    expect(clock.nextAtMs).toBe(clock.nowMs() + 2 * OPEN_FIRST_MS);
  });

  test('an answer after the probe forgets everything', () => {
    die(5);
    clock.advance(OPEN_FIRST_MS);
    breaker.ready();
    breaker.answered();
    die(4);
    expect(breaker.state).toBe('closed');
    breaker.failed(death);
    expect(clock.nextAtMs).toBe(clock.nowMs() + OPEN_FIRST_MS);
  });

  test('a daemon that was starting when it opened closes it too', () => {
    die(5);
    breaker.ready();
    expect(steps()).toEqual(['closed open', 'open closed']);
    clock.advance(OPEN_MAX_MS);
    expect(breaker.state).toBe('closed');
  });
});

describe('reset', () => {
  test.for(['closed', 'open', 'half-open'])('from %s it is as new', (state) => {
    if (state !== 'closed') die(5);
    if (state === 'half-open') clock.advance(OPEN_FIRST_MS);
    expect(breaker.state).toBe(state);
    breaker.reset();
    expect(breaker.state).toBe('closed');
    expect(clock.pending).toBe(0);
    die(4);
    expect(breaker.state).toBe('closed');
    breaker.failed(death);
    expect(clock.nextAtMs).toBe(clock.nowMs() + OPEN_FIRST_MS);
  });
});

test('a pool that ends leaves no timer', () => {
  die(5);
  breaker.stop();
  expect(clock.pending).toBe(0);
});

test('what calls are refused with names the cause and the way out', () => {
  const error = poolUnavailable(death);
  expect(error).toMatchObject({ code: 'POOL_UNAVAILABLE', cause: death, retryable: true });
  expect(error.message).toContain('WORKER_DIED: told to');
  expect(error.hint).toContain('pool.reset()');
  expect(poolUnavailable(null).message).toContain('no daemon can be started');
});
