import { expect, test } from 'vitest';
import { checkEstimateOptions } from '../src/estimate-options.ts';
import { DEFAULTS, type PoolOptions } from '../src/options.ts';
import { resolveOptions } from '../src/resolve-options.ts';

test('defaults are what the documentation says', () => {
  expect(DEFAULTS).toEqual({
    deadlineMs: 30_000,
    maxQueue: 1_000,
    startTimeoutMs: 120_000,
    startSilenceMs: 15_000,
    drainMs: 10_000,
    cancelGraceMs: 2_000,
    poolSize: 2,
    niceness: 5,
    maxAttempts: 2,
    quarantineAfter: 2,
    canaryMs: 60_000,
    spawnIntervalMs: 50,
    heartbeatMs: 2_000,
    stallTimeoutMs: 60_000,
    maxRssBytes: 2_147_483_648,
  });
});

test.for<[cores: number, options: PoolOptions, env: NodeJS.ProcessEnv, size: number, threads: number]>([
  [8, {}, {}, 2, 4],
  [1, {}, {}, 1, 1],
  [2, { size: 4 }, {}, 4, 1],
  [8, {}, { POSE_POOL_SIZE: '4' }, 4, 2],
  [8, { size: 1 }, { POSE_POOL_SIZE: '4' }, 1, 8],
  [8, { threads: 3 }, {}, 2, 3],
])('%i cores, %j, %j: %i daemons with %i threads', ([cores, options, env, size, threads]) => {
  expect(resolveOptions(options, env, cores)).toMatchObject({ size, threads });
});

test('all problems come at once', () => {
  const wrong = { size: 0, deadlineMs: '5', python: '', logLevel: 'LOUD', command: [], nonsense: 1 } as never;
  expect(() => resolveOptions(wrong, {}, 2)).toThrow(
    expect.objectContaining({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(
        /nonsense.*size must be an integer from 1 to 256, got 0.*command.*logLevel.*python.*deadlineMs must be .*got '5'/s,
      ),
    }),
  );
});

test.for<[what: string, options: unknown, words: string]>([
  ['no object', 5, 'options must be an object, got 5'],
  ['null', null, 'options must be an object, got null'],
  [
    'a command in text',
    { command: 'python' },
    "command must be a list of a program and its arguments, got 'py",
  ],
  ['a command of nothing', { command: [''] }, 'command must be a list'],
  ['a command with a NUL byte', { command: ['a\0'] }, 'command must be a list'],
  ['an env that is no object', { env: 'x' }, "env must be an object, got 'x'"],
  ['options in a list', { options: [] }, 'options must be an object, got []'],
  ['a detector that is no name', { detector: 5 }, 'detector must be a non-empty string, got 5'],
  ['a signal that is none', { signal: { aborted: false } }, 'signal must be an AbortSignal'],
  [
    'a niceness over the lowest priority',
    { niceness: 20 },
    'niceness must be an integer from 0 to 19, got 20',
  ],
  ['a size that is no JSON', { size: 1n }, 'size must be an integer from 1 to 256, got 1n'],
])('%s is refused by name', ([, options, words]) => {
  expect(() => resolveOptions(options as never, {}, 2)).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(words) }),
  );
});

test('the host’s own environment may be passed on', () => {
  expect(resolveOptions({ env: process.env }, {}, 2).env).toBe(process.env);
});

test('a bad variable is named', () => {
  expect(() => resolveOptions({}, { POSE_POOL_SIZE: 'two' }, 2)).toThrow(/POSE_POOL_SIZE must be an integer/);
});

test.for([
  [{ DEBUG_MODE: 'true' }, 'DEBUG'],
  [{ DEBUG_MODE: 'false' }, 'INFO'],
  [{}, 'INFO'],
] as const)('%j logs from %s', ([env, level]) => {
  expect(resolveOptions({}, env, 2).logLevel).toBe(level);
});

test('the detector is an option of the estimator', () => {
  const { estimatorOptions } = resolveOptions({ detector: 'rtmdet-nano', options: { recrops: 1 } }, {}, 2);
  expect(estimatorOptions).toEqual({ recrops: 1, detector: 'rtmdet-nano' });
});

test.for<[what: string, options: unknown]>([
  ['no object', 5],
  ['null', null],
  ['a misspelt name', { deadLineMs: 5 }],
  ['a deadline in text', { deadlineMs: '5' }],
  ['a deadline of 0', { deadlineMs: 0 }],
  ['a deadline that is no number', { deadlineMs: Number.NaN }],
  ['a deadline over what a timer holds', { deadlineMs: 2 ** 31 }],
  ['a score over 1', { minScore: 1.01 }],
  ['faces that are not true or false', { faces: 1 }],
  ['a signal that is none', { signal: {} }],
])('%s is refused', ([, options]) => {
  expect(() => checkEstimateOptions(options as never)).toThrow(
    expect.objectContaining({ code: 'INVALID_REQUEST' }),
  );
});

test.for([
  [{ device: 'cuda' }, 1],
  [{ device: 'cuda:1' }, 1],
  [{ device: 'cpu' }, 2],
  [{}, 2],
] as const)('the default size with the estimator option %j is %i', ([options, size]) => {
  expect(resolveOptions({ options }, {}, 8).size).toBe(size);
  expect(resolveOptions({ options, size: 3 }, {}, 8).size).toBe(3);
});
