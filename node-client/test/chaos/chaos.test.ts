/** A short chaos run on the real daemon, and that the program which judges it can find fault. */
import { beforeEach, describe, expect, test } from 'vitest';
import { type ChaosReport, quantile, toLine, violations } from '../../../tests/chaos/report.ts';
import { runChaos } from '../../../tests/chaos/run.ts';
import { seededRandom } from '../../../tests/chaos/seeded-random.ts';
import { type ChaosSettings, readSettings } from '../../../tests/chaos/settings.ts';
import { pictureOf, Tally } from '../../../tests/chaos/tally.ts';
import { PoseError, type PoseResult } from '../../src/index.ts';
import { checkLeaks } from '../leaks.ts';
import { HAS_PYTHON, PYTHON } from '../repository.ts';

const SHORT = ['--requests', '400', '--kill-every-s', '0.1'];
const RUN_MS = 120_000;

function settings(...args: string[]): ChaosSettings {
  return readSettings(args) as ChaosSettings;
}

function makeReport(changes: Partial<ChaosReport> = {}): ChaosReport {
  return {
    policy: 'tough',
    seed: 1,
    sent: 10,
    answered: 10,
    failed: {},
    untyped: 0,
    lost: 0,
    twice: 0,
    mixedUp: 0,
    miscounted: 0,
    unhandled: 0,
    symptoms: 0,
    kills: 3,
    killsWhileStarting: 0,
    recoveriesMs: [300, 100, 200],
    unrecovered: 0,
    retried: 4,
    leftBehind: 0,
    seconds: 1,
    ...changes,
  };
}

describe.skipIf(!HAS_PYTHON)('daemons are killed at random', () => {
  beforeEach(checkLeaks);

  test('and every request is answered, once', { timeout: RUN_MS }, async () => {
    const report = await runChaos('tough', settings(...SHORT), { python: PYTHON });
    expect(violations(report)).toEqual([]);
    expect(report).toMatchObject({ sent: 400, answered: 400, failed: {}, twice: 0, unhandled: 0 });
    expect(report.recoveriesMs).toHaveLength(report.kills);
  });

  test('and under the default policy every request settles, answered or typed', {
    timeout: RUN_MS,
  }, async () => {
    const report = await runChaos('default', settings(...SHORT), { python: PYTHON });
    expect(violations(report)).toEqual([]);
    expect(report.sent).toBe(400);
  });

  test('and without retries the run says that requests failed', { timeout: RUN_MS }, async () => {
    const report = await runChaos('tough', settings(...SHORT, '--attempts', '1'), { python: PYTHON });
    expect(report.answered).toBeLessThan(400);
    expect(violations(report).join()).toMatch(/\d+ of 400 not answered \(rejected: .*OOM_SUSPECTED \d+/);
  });
});

describe('the judgement', () => {
  test('finds nothing in a run that kept every promise', () => {
    expect(violations(makeReport())).toEqual([]);
  });

  test.for([
    'lost',
    'untyped',
    'twice',
    'mixedUp',
    'miscounted',
    'unhandled',
    'symptoms',
    'unrecovered',
    'leftBehind',
  ] as const)('names %s', (name) => {
    expect(violations(makeReport({ [name]: 2 }))).toEqual([`${name} 2`]);
  });

  test('holds a rejection against the tough policy and not against the default', () => {
    const rejected = { answered: 9, failed: { POISON_INPUT: 1 } };
    expect(violations(makeReport(rejected))).toEqual(['1 of 10 not answered (rejected: POISON_INPUT 1)']);
    expect(violations(makeReport({ ...rejected, policy: 'default' }))).toEqual([]);
  });

  test('is not content with a run in which nobody died', () => {
    expect(violations(makeReport({ kills: 0 }))).toEqual(['nobody was killed, so nothing was shown']);
  });

  test('is one line', () => {
    expect(toLine(makeReport())).toBe(
      'tough: sent 10, answered 10, twice 0, unhandled 0; 3 kills (0 while starting), ' +
        'recovery p50 200 ms, p99 300 ms; retried 4, 1.0 s',
    );
  });

  test('quantiles are of the sorted samples', () => {
    const samples = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([quantile(samples, 0.5), quantile(samples, 0.99), quantile([], 0.5)]).toEqual([51, 100, 0]);
  });
});

describe('the tally', () => {
  const result = (index: number) => pictureOf(index) as unknown as PoseResult;

  test('no two pictures have the same size', () => {
    const sizes = Array.from({ length: 1_000 }, (_, index) => pictureOf(index));
    expect(new Set(sizes.map(({ width, height }) => `${width}x${height}`)).size).toBe(1_000);
  });

  test('counts answers, typed and untyped rejections, and symptoms', async () => {
    const tally = new Tally();
    tally.follow(pictureOf(0), Promise.resolve(result(0)));
    tally.follow(pictureOf(1), Promise.reject(new PoseError('WORKER_DIED', 'told to')));
    tally.follow(pictureOf(2), Promise.reject(new PoseError('NO_SUCH_CODE', 'told to')));
    tally.follow(pictureOf(3), Promise.reject(new Error('write EPIPE')));
    await tally.allEnded(1_000);
    expect(tally).toMatchObject({ sent: 4, answered: 1, untyped: 2, symptoms: 1, open: 0, twice: 0 });
    expect([...tally.failed]).toEqual([['WORKER_DIED', 1]]);
  });

  test('notices the answer to another request', async () => {
    const tally = new Tally();
    tally.follow(pictureOf(0), Promise.resolve(result(1)));
    await tally.allEnded(1_000);
    expect(tally.mixedUp).toBe(1);
  });

  test('notices a request that ends twice', async () => {
    const tally = new Tally();
    // biome-ignore lint/suspicious/noThenProperty: a promise cannot settle twice, which is why this one is none
    const twice = { then: (onAnswer: (value: PoseResult) => void) => [0, 0].map(() => onAnswer(result(0))) };
    tally.follow(pictureOf(0), twice as unknown as PromiseLike<PoseResult>);
    await tally.allEnded(1_000);
    expect(tally).toMatchObject({ answered: 1, twice: 1 });
  });

  test('notices a request that never ends', async () => {
    const tally = new Tally();
    tally.follow(pictureOf(0), new Promise<PoseResult>(() => {}));
    await tally.allEnded(10);
    expect(tally.open).toBe(1);
  });
});

describe('the command line', () => {
  test('without flags it is the run that the README shows', () => {
    expect(readSettings([])).toEqual({
      policies: ['tough', 'default'],
      requests: 10_000,
      killEveryS: 0.5,
      startingToo: false,
      seed: 1,
      size: 2,
      delayMs: 5,
      attempts: null,
      json: false,
    });
  });

  test.for([
    [['--requests', '0'], '--requests must be an integer from 1 to 100000, got 0'],
    [['--requests', '1e3'], '--requests must be an integer from 1 to 100000, got 1e3'],
    [['--kill-every-s', 'soon'], '--kill-every-s must be a number of seconds from 0.01 to 3600, got soon'],
    [['--kill-every-s', ''], '--kill-every-s must be a number of seconds from 0.01 to 3600, got '],
    [['--policy', 'gentle'], '--policy must be one of tough, default, got gentle'],
    [['--policy', 'toString'], '--policy must be one of tough, default, got toString'],
  ] as const)('refuses %j', ([args, message]) => {
    expect(() => readSettings(args)).toThrow(message);
  });

  test('refuses what it does not know', () => {
    expect(() => readSettings(['--request', '5'])).toThrow('--request');
  });
});

test('a seed repeats its numbers, from 0 to below 1', () => {
  const draw = (seed: number) => Array.from({ length: 1_000 }, seededRandom(seed));
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
  expect(draw(7).every((number) => number >= 0 && number < 1)).toBe(true);
});
