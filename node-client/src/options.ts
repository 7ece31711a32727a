/** Options of `Sidecar` and `PosePool`, as callers give them and as the inside gets them: there nothing is optional. */
import type { ImageInput } from './image.ts';
import type { CanarySettings } from './pool/canary.ts';
import type { PoolLogger } from './pool/events.ts';
import type { RecycleLimits } from './pool/recycling.ts';
import type { RetryPolicy } from './pool/retry.ts';

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
  /** Steps of priority below the host's, 0 to 19: the host answers while its daemons compute. Default: 5. */
  niceness?: number;
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
  /** Milliseconds a cancelled request may go on before its daemon is killed and replaced. Default: 2,000. */
  cancelGraceMs?: number;
  /** Default: INFO, or DEBUG when DEBUG_MODE is set. */
  logLevel?: LogLevel;
  logger?: DaemonLogger;
  /** Gives up a start that is under way. */
  signal?: AbortSignal;
}

export interface PoolOptions extends SidecarOptions {
  /** Daemons. Default: POSE_POOL_SIZE, or 2, or 1 on a single core or with the estimator's option `device: 'cuda'`. */
  size?: number;
  /** @deprecated The previous service's name of `size`. */
  maxConcurrentProcesses?: number;
  /** Times a request may run when daemons die under it, the first included. Default: 2. */
  maxAttempts?: number;
  /** Daemons that may die while they run one input, before it is refused as POISON_INPUT. Default: 2; 0: never. */
  quarantineAfter?: number;
  /** When a daemon that works is replaced by a fresh one. */
  recycle?: RecycleOptions;
  /** A picture that every daemon is asked about from time to time; who sees something else is replaced. Default: none. */
  canary?: CanaryOptions;
  /** Milliseconds between two starts. Default: 50. */
  spawnIntervalMs?: number;
  /** Milliseconds between two signs of life. Default: 2,000. */
  heartbeatMs?: number;
  /** Milliseconds one request may run without progress before its daemon is given up. Default: 60,000. */
  stallTimeoutMs?: number;
  /** Receives the pool's log. Default: warnings as JSON lines on standard error, everything when DEBUG_MODE is set. */
  log?: PoolLogger;
}

export interface CanaryOptions {
  /** With people in it: nobody is also what many faults see. */
  image: ImageInput;
  /** Milliseconds between two questions to one daemon. Default: 60,000. */
  everyMs?: number;
}

export interface RecycleOptions {
  /** Requests one daemon answers; 1 isolates every request in a process of its own, at the price of a start each. */
  afterRequests?: number;
  /** Milliseconds since READY, less up to a fifth at random. */
  afterMs?: number;
  /** Resident memory in bytes, native memory included. Default: 2 GiB. */
  maxRssBytes?: number;
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
  readonly niceness: number;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly deadlineMs: number;
  readonly maxQueue: number;
  readonly startTimeoutMs: number;
  readonly startSilenceMs: number;
  readonly drainMs: number;
  readonly cancelGraceMs: number;
  readonly retry: RetryPolicy;
  readonly recycle: RecycleLimits;
  readonly canary: CanarySettings | null;
  readonly spawnIntervalMs: number;
  readonly heartbeatMs: number;
  readonly stallTimeoutMs: number;
  readonly log: PoolLogger;
  /** One line per option that has a newer name. */
  readonly deprecations: readonly string[];
  readonly logLevel: LogLevel;
  readonly logger: DaemonLogger | undefined;
  readonly signal: AbortSignal | undefined;
}

export const DEFAULTS = {
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
  maxRssBytes: 2 * 1024 ** 3,
} as const;
