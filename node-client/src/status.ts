/** What `status()` returns. */
import type { PoseError } from './errors.ts';
import type { BreakerState } from './pool/breaker.ts';
import type { Dispatcher } from './pool/dispatcher.ts';
import type { WorkerState } from './pool/life.ts';
import type { Slot } from './pool/slot.ts';
import type { Supervisor } from './pool/supervisor.ts';
import type { DaemonLike } from './pool/worker.ts';
import type { Daemon } from './process/daemon.ts';

/** A file of weights that a daemon has loaded. */
export interface ModelFacts {
  /** In models/manifest.json. */
  readonly name: string;
  /** Hex digest of what was loaded. */
  readonly sha256: string;
  /** Where it was found; null where the daemon does not say. */
  readonly file: string | null;
}

/** Facts about one daemon that has said READY. */
export interface DaemonStatus {
  readonly pid: number;
  /** Requests without an answer. */
  readonly inFlight: number;
  /** Interpreter in use. */
  readonly interpreter: string;
  readonly version: string;
  readonly estimator: string;
  readonly detector: string | null;
  readonly device: string;
  readonly models: readonly ModelFacts[];
  /** Resident memory when the daemon last told, in bytes. */
  readonly rssBytes: number;
  readonly uptimeMs: number;
  /** What an operator should know: an unused detector, a cache that cannot be written. */
  readonly warnings: readonly string[];
}

export interface SidecarStatus extends DaemonStatus {
  readonly state: 'ready' | 'busy' | 'draining' | 'exited';
  /** Calls that wait for credit. */
  readonly queued: number;
  readonly answered: number;
  /** Calls that were rejected, for whatever reason. */
  readonly failed: number;
}

/** One place in the pool. */
export interface WorkerStatus {
  readonly slot: number;
  readonly state: WorkerState;
  /** Processes started here after the first. */
  readonly restarts: number;
  /** Requests without an answer. */
  readonly inFlight: number;
  /** Null while nobody is ready here. */
  readonly daemon: DaemonStatus | null;
}

export interface PoolStatus {
  /** Daemons asked for. */
  readonly size: number;
  /** Daemons that take requests. */
  readonly ready: number;
  /** Processes that have not said READY. */
  readonly starting: number;
  readonly workers: readonly WorkerStatus[];
  readonly queued: number;
  /** Milliseconds that the longest waiting call has waited. */
  readonly oldestWaitMs: number;
  readonly inFlight: number;
  readonly answered: number;
  /** Calls that were rejected, for whatever reason. */
  readonly failed: number;
  /** Times a call was handed on because its daemon was lost. */
  readonly retried: number;
  /** Inputs that are refused because they killed daemons. */
  readonly quarantined: number;
  /** Daemons that ended of themselves. */
  readonly deaths: number;
  /** Processes that did not end when they were killed: they hang in the kernel. */
  readonly leaked: number;
  readonly breaker: BreakerState;
  /** Why the newest failed start or ended daemon failed or ended. */
  readonly lastFailure: PoseError | null;
  readonly closed: boolean;
}

export function poolStatus(
  size: number,
  supervisor: Supervisor,
  dispatcher: Dispatcher,
  closed: boolean,
): PoolStatus {
  const workers = supervisor.slots.map(slotStatus);
  const { queued, oldestWaitMs, answered, failed, retried, quarantined } = dispatcher;
  return {
    size,
    ready: supervisor.workers.size,
    starting: closed ? 0 : supervisor.starting,
    workers,
    queued,
    oldestWaitMs,
    inFlight: workers.reduce((sum, { inFlight }) => sum + inFlight, 0),
    answered,
    failed,
    retried,
    quarantined,
    deaths: supervisor.deaths,
    leaked: supervisor.leaked,
    breaker: supervisor.breaker.state,
    lastFailure: supervisor.lastFailure,
    closed,
  };
}

function slotStatus({ index, life, worker, restarts }: Slot): WorkerStatus {
  return {
    slot: index,
    state: life?.state ?? 'spawning',
    restarts,
    inFlight: worker?.inFlight ?? 0,
    daemon: worker === null ? null : daemonFacts(worker.daemon),
  };
}

export function daemonStatus(daemon: Daemon): Omit<SidecarStatus, 'queued' | 'answered' | 'failed'> {
  const { child, closing, inFlight } = daemon;
  const state = child.gone ? 'exited' : closing ? 'draining' : inFlight > 0 ? 'busy' : 'ready';
  return { ...daemonFacts(daemon), state };
}

function daemonFacts({ hello, ready, child, inFlight, lastPong }: DaemonLike): DaemonStatus {
  return {
    pid: child.pid,
    inFlight,
    interpreter: hello.executable,
    version: hello.version,
    estimator: ready.estimator,
    detector: ready.detector,
    device: ready.device,
    models: ready.models.map(({ name, sha256, file }) => ({ name, sha256, file: file ?? null })),
    rssBytes: lastPong?.rss_bytes ?? ready.rss_bytes,
    uptimeMs: child.uptimeMs,
    warnings: ready.warnings.map(({ message }) => message),
  };
}
