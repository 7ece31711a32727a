/** Options are checked and defaulted once, here. */
import { availableParallelism, constants } from 'node:os';
import { resolve } from 'node:path';
import { PoseError } from './errors.ts';
import { estimateWork } from './estimate-work.ts';
import { isCommand, isNamedValues, isTrue, MAX_TIMER_MS, shown, unknownNames } from './option-checks.ts';
import {
  type CanaryOptions,
  DEFAULTS,
  LOG_LEVELS,
  type PoolOptions,
  type RecycleOptions,
  type ResolvedOptions,
} from './options.ts';
import type { CanarySettings } from './pool/canary.ts';
import { stderrLogger } from './pool/log.ts';

const OLD_SIZE = 'maxConcurrentProcesses is the old name of size; use size';

const RECYCLE_NAMES: ReadonlySet<string> = new Set<keyof RecycleOptions>([
  'afterRequests',
  'afterMs',
  'maxRssBytes',
]);

const CANARY_NAMES: ReadonlySet<string> = new Set<keyof CanaryOptions>(['image', 'everyMs']);

const OPTION_NAMES: ReadonlySet<string> = new Set<keyof PoolOptions>([
  'size',
  'python',
  'servicePath',
  'command',
  'estimator',
  'detector',
  'options',
  'modelsDir',
  'threads',
  'niceness',
  'cwd',
  'env',
  'deadlineMs',
  'maxQueue',
  'startTimeoutMs',
  'startSilenceMs',
  'drainMs',
  'cancelGraceMs',
  'maxConcurrentProcesses',
  'maxAttempts',
  'quarantineAfter',
  'recycle',
  'canary',
  'spawnIntervalMs',
  'heartbeatMs',
  'stallTimeoutMs',
  'log',
  'logLevel',
  'logger',
  'signal',
]);

/** Throws CONFIG_INVALID with every problem at once. */
export function resolveOptions(
  options: PoolOptions = {},
  host: NodeJS.ProcessEnv = process.env,
  cores = availableParallelism(),
): ResolvedOptions {
  if (typeof options !== 'object' || options === null) {
    throw new PoseError('CONFIG_INVALID', `options must be an object, got ${shown(options)}`);
  }
  const problems = unknownNames(options, OPTION_NAMES);
  const integer = (
    name: string,
    given: unknown,
    fallback: number,
    minimum: number,
    maximum = MAX_TIMER_MS,
  ) => {
    if (given === undefined) return fallback;
    if (Number.isInteger(given) && Number(given) >= minimum && Number(given) <= maximum) return Number(given);
    problems.push(`${name} must be an integer from ${minimum} to ${maximum}, got ${shown(given)}`);
    return fallback;
  };
  const text = (name: string, given: unknown) => {
    if (given === undefined || (typeof given === 'string' && given !== '')) return given;
    problems.push(`${name} must be a non-empty string, got ${shown(given)}`);
    return undefined;
  };

  const [sizeName, givenSize] = whichSize(options, host);
  const size = integer(sizeName, givenSize, defaultSize(options, cores), 1, 256);
  const { command, logLevel, detector } = options;
  if (command !== undefined && !isCommand(command)) {
    problems.push(`command must be a list of a program and its arguments, got ${shown(command)}`);
  }
  for (const name of ['options', 'env', 'recycle', 'canary'] as const) {
    if (options[name] !== undefined && !isNamedValues(options[name])) {
      problems.push(`${name} must be an object, got ${shown(options[name])}`);
    }
  }
  if (detector !== undefined) text('detector', detector);
  if (options.signal !== undefined && !(options.signal instanceof AbortSignal)) {
    problems.push(`signal must be an AbortSignal, got ${shown(options.signal)}`);
  }
  if (logLevel !== undefined && !LOG_LEVELS.includes(logLevel)) {
    problems.push(`logLevel must be one of ${LOG_LEVELS.join(', ')}, got ${shown(logLevel)}`);
  }
  for (const name of ['logger', 'log'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'function') {
      problems.push(`${name} must be a function, got ${shown(options[name])}`);
    }
  }
  const recycle = isNamedValues(options.recycle) ? (options.recycle as RecycleOptions) : {};
  problems.push(...unknownNames(recycle, RECYCLE_NAMES).map((problem) => `recycle: ${problem}`));
  const most = (name: keyof RecycleOptions, fallback: number) =>
    integer(`recycle.${name}`, recycle[name], fallback, 1, Number.MAX_SAFE_INTEGER);
  const canary = isNamedValues(options.canary) ? (options.canary as CanaryOptions) : null;
  problems.push(...unknownNames(canary ?? {}, CANARY_NAMES).map((problem) => `canary: ${problem}`));
  const isDebugging = isTrue(host.DEBUG_MODE);
  const resolved: ResolvedOptions = {
    size,
    python: text('python', options.python),
    servicePath: text('servicePath', options.servicePath),
    command,
    estimator: text('estimator', options.estimator),
    estimatorOptions: { ...options.options, ...(detector === undefined ? {} : { detector }) },
    modelsDir: text('modelsDir', options.modelsDir),
    threads: integer('threads', options.threads, Math.max(1, Math.floor(cores / size)), 1, 1024),
    niceness: integer('niceness', options.niceness, DEFAULTS.niceness, 0, constants.priority.PRIORITY_LOW),
    cwd: resolve(text('cwd', options.cwd) ?? '.'),
    env: options.env ?? {},
    deadlineMs: integer('deadlineMs', options.deadlineMs, DEFAULTS.deadlineMs, 1),
    maxQueue: integer('maxQueue', options.maxQueue, DEFAULTS.maxQueue, 0),
    startTimeoutMs: integer('startTimeoutMs', options.startTimeoutMs, DEFAULTS.startTimeoutMs, 1),
    startSilenceMs: integer('startSilenceMs', options.startSilenceMs, DEFAULTS.startSilenceMs, 1),
    drainMs: integer('drainMs', options.drainMs, DEFAULTS.drainMs, 0),
    cancelGraceMs: integer('cancelGraceMs', options.cancelGraceMs, DEFAULTS.cancelGraceMs, 0),
    retry: {
      maxAttempts: integer('maxAttempts', options.maxAttempts, DEFAULTS.maxAttempts, 1),
      quarantineAfter: integer('quarantineAfter', options.quarantineAfter, DEFAULTS.quarantineAfter, 0),
    },
    recycle: {
      afterRequests: most('afterRequests', Number.POSITIVE_INFINITY),
      afterMs: most('afterMs', Number.POSITIVE_INFINITY),
      maxRssBytes: most('maxRssBytes', DEFAULTS.maxRssBytes),
    },
    canary: canary && {
      work: canaryWork(canary, problems),
      everyMs: integer('canary.everyMs', canary.everyMs, DEFAULTS.canaryMs, 1),
    },
    spawnIntervalMs: integer('spawnIntervalMs', options.spawnIntervalMs, DEFAULTS.spawnIntervalMs, 0),
    heartbeatMs: integer('heartbeatMs', options.heartbeatMs, DEFAULTS.heartbeatMs, 10),
    stallTimeoutMs: integer('stallTimeoutMs', options.stallTimeoutMs, DEFAULTS.stallTimeoutMs, 1),
    log: options.log ?? stderrLogger(isDebugging ? 'debug' : 'warn'),
    deprecations: options.maxConcurrentProcesses === undefined ? [] : [OLD_SIZE],
    logLevel: logLevel ?? (isDebugging ? 'DEBUG' : 'INFO'),
    logger: options.logger,
    signal: options.signal,
  };
  if (problems.length > 0) {
    throw new PoseError('CONFIG_INVALID', problems.join('; '), { hint: 'Correct the options of start().' });
  }
  return resolved;
}

/** Anything, after a complaint, when the image is none: the options are refused then. */
function canaryWork({ image }: CanaryOptions, problems: string[]): CanarySettings['work'] {
  try {
    return estimateWork(image);
  } catch (error) {
    if (!(error instanceof PoseError)) throw error;
    problems.push(`canary.image: ${error.message}`);
    return estimateWork(new Uint8Array(1));
  }
}

/** The size that counts, with the name under which it was given. */
function whichSize(options: PoolOptions, host: NodeJS.ProcessEnv): [name: string, given: unknown] {
  if (options.size !== undefined) return ['size', options.size];
  if (options.maxConcurrentProcesses !== undefined) {
    return ['maxConcurrentProcesses', options.maxConcurrentProcesses];
  }
  return ['POSE_POOL_SIZE', host.POSE_POOL_SIZE ? Number(host.POSE_POOL_SIZE) : undefined];
}

/** One daemon fills a GPU: a second only takes its memory. */
function defaultSize({ options }: PoolOptions, cores: number): number {
  const device = isNamedValues(options) ? (options as { readonly device?: unknown }).device : undefined;
  return typeof device === 'string' && device.startsWith('cuda') ? 1 : Math.min(DEFAULTS.poolSize, cores);
}
