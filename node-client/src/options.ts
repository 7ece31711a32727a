/** Options of `Sidecar` and `PosePool`: checked and defaulted once, here; inside nothing is optional. */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { inspect } from 'node:util';
import { PoseError } from './errors.ts';

export const LOG_LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARNING', 'ERROR'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Receives each line a daemon writes to its standard error: JSON log lines, and whatever native code prints. */
export type DaemonLogger = (line: string, daemon: { readonly pid: number }) => void;

export interface SidecarOptions {
  /** Interpreter to start; without it one is looked for (see `findCandidates`). */
  python?: string;
  /** Directory of the Python service: its `.venv` or `venv` is used. Default: POSE_SERVICE_PATH. */
  servicePath?: string;
  /** Program and arguments to start instead of an interpreter with `-m sidecar`; `--wire frames` is appended. */
  command?: readonly string[];
  /** Estimator by name. Default: the daemon's, `blazepose`. */
  estimator?: string;
  /** Person detector by name, for several people in a picture. Default: none. */
  detector?: string;
  /** Further options of the estimator. */
  options?: Readonly<Record<string, unknown>>;
  /** Directory with model files. Default: POSE_MODELS_DIR, `.models`, the user's cache. */
  modelsDir?: string;
  /** Threads per daemon. Default: usable cores / daemons. */
  threads?: number;
  /** Working directory of the daemon. Default: the host's. */
  cwd?: string;
  /** Added to the daemon's environment; `undefined` removes a name. Most of the host's environment is not passed on. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds for one `estimate` call, queueing included, unless the call says otherwise. Default: 30,000. */
  deadlineMs?: number;
  /** Calls that may wait for a daemon before QUEUE_FULL. Default: 1,000. */
  maxQueue?: number;
  /** Milliseconds for a daemon to become ready, all phases together. Default: 120,000. */
  startTimeoutMs?: number;
  /** Milliseconds without a word from a starting daemon. Default: 15,000. */
  startSilenceMs?: number;
  /** Milliseconds that `close()` lets running requests finish. Default: 10,000. */
  drainMs?: number;
  /** Default: INFO, or DEBUG when DEBUG_MODE is set. */
  logLevel?: LogLevel;
  logger?: DaemonLogger;
  /** Gives up a start that is under way. */
  signal?: AbortSignal;
}

export interface PoolOptions extends SidecarOptions {
  /** Daemons. Default: POSE_POOL_SIZE, or 2, or 1 on a single core. */
  size?: number;
}

export interface ResolvedOptions {
  readonly size: number;
  readonly python: string | undefined;
  readonly servicePath: string | undefined;
  readonly command: readonly string[] | undefined;
  readonly estimator: string | undefined;
  readonly estimatorOptions: Readonly<Record<string, unknown>>;
  readonly modelsDir: string | undefined;
  readonly threads: number;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly deadlineMs: number;
  readonly maxQueue: number;
  readonly startTimeoutMs: number;
  readonly startSilenceMs: number;
  readonly drainMs: number;
  readonly logLevel: LogLevel;
  readonly logger: DaemonLogger | undefined;
  readonly signal: AbortSignal | undefined;
}

/** The longest wait a Node timer can hold. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export const DEFAULTS = {
  deadlineMs: 30_000,
  maxQueue: 1_000,
  startTimeoutMs: 120_000,
  startSilenceMs: 15_000,
  drainMs: 10_000,
  poolSize: 2,
} as const;

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
  'cwd',
  'env',
  'deadlineMs',
  'maxQueue',
  'startTimeoutMs',
  'startSilenceMs',
  'drainMs',
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

  const environmentSize = host.POSE_POOL_SIZE ? Number(host.POSE_POOL_SIZE) : undefined;
  const sizeName = options.size === undefined ? 'POSE_POOL_SIZE' : 'size';
  const size = integer(sizeName, options.size ?? environmentSize, Math.min(DEFAULTS.poolSize, cores), 1, 256);
  const { command, logLevel, detector } = options;
  if (command !== undefined && !isCommand(command)) {
    problems.push(`command must be a list of a program and its arguments, got ${shown(command)}`);
  }
  for (const name of ['options', 'env'] as const) {
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
  if (options.logger !== undefined && typeof options.logger !== 'function') {
    problems.push(`logger must be a function, got ${shown(options.logger)}`);
  }
  const resolved: ResolvedOptions = {
    size,
    python: text('python', options.python),
    servicePath: text('servicePath', options.servicePath),
    command,
    estimator: text('estimator', options.estimator),
    estimatorOptions: { ...options.options, ...(detector === undefined ? {} : { detector }) },
    modelsDir: text('modelsDir', options.modelsDir),
    threads: integer('threads', options.threads, Math.max(1, Math.floor(cores / size)), 1, 1024),
    cwd: resolve(text('cwd', options.cwd) ?? '.'),
    env: options.env ?? {},
    deadlineMs: integer('deadlineMs', options.deadlineMs, DEFAULTS.deadlineMs, 1),
    maxQueue: integer('maxQueue', options.maxQueue, DEFAULTS.maxQueue, 0),
    startTimeoutMs: integer('startTimeoutMs', options.startTimeoutMs, DEFAULTS.startTimeoutMs, 1),
    startSilenceMs: integer('startSilenceMs', options.startSilenceMs, DEFAULTS.startSilenceMs, 1),
    drainMs: integer('drainMs', options.drainMs, DEFAULTS.drainMs, 0),
    logLevel: logLevel ?? (isTrue(host.DEBUG_MODE) ? 'DEBUG' : 'INFO'),
    logger: options.logger,
    signal: options.signal,
  };
  if (problems.length > 0) {
    throw new PoseError('CONFIG_INVALID', problems.join('; '), { hint: 'Correct the options of start().' });
  }
  return resolved;
}

/** Per-call settings of `estimate`. */
export interface EstimateOptions {
  /** Rejects the call at once with ABORTED; the daemon is told to stop. */
  signal?: AbortSignal;
  /** Milliseconds for this call, queueing included. */
  deadlineMs?: number;
  /** Persons with a lower score are left out, from 0 to 1. */
  minScore?: number;
}

const ESTIMATE_OPTION_NAMES: ReadonlySet<string> = new Set<keyof EstimateOptions>([
  'signal',
  'deadlineMs',
  'minScore',
]);

/** Throws INVALID_REQUEST with every problem at once. */
export function checkEstimateOptions(options: EstimateOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw new PoseError(
      'INVALID_REQUEST',
      `the options of estimate must be an object, got ${shown(options)}`,
    );
  }
  const { deadlineMs, minScore, signal } = options;
  const problems = unknownNames(options, ESTIMATE_OPTION_NAMES);
  if (deadlineMs !== undefined && !(isNumber(deadlineMs) && deadlineMs > 0 && deadlineMs <= MAX_TIMER_MS)) {
    problems.push(`deadlineMs must be a number over 0 and at most ${MAX_TIMER_MS}, got ${shown(deadlineMs)}`);
  }
  if (minScore !== undefined && !(isNumber(minScore) && minScore >= 0 && minScore <= 1)) {
    problems.push(`minScore must be a number from 0 to 1, got ${shown(minScore)}`);
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    problems.push(`signal must be an AbortSignal, got ${shown(signal)}`);
  }
  if (problems.length > 0) throw new PoseError('INVALID_REQUEST', problems.join('; '));
}

function unknownNames(options: object, known: ReadonlySet<string>): string[] {
  return Object.keys(options)
    .filter((name) => !known.has(name))
    .map((name) => `there is no option ${name}`);
}

function isNamedValues(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Text with a NUL byte cannot be handed to a program. */
function isCommand(command: unknown): boolean {
  const isText = (part: unknown) => typeof part === 'string' && !part.includes('\0');
  return Array.isArray(command) && command.length > 0 && command[0] !== '' && command.every(isText);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function isTrue(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'false', 'no'].includes(value.toLowerCase());
}

/** Of a value that was refused. */
const SHOWN_CHARACTERS = 60;

function shown(value: unknown): string {
  return inspect(value, {
    depth: 1,
    breakLength: Number.POSITIVE_INFINITY,
    maxStringLength: SHOWN_CHARACTERS,
  });
}
