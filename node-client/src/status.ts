/** What `status()` returns. */
import type { PoseError } from './errors.ts';
import type { Daemon } from './process/daemon.ts';

export interface WorkerStatus {
  readonly pid: number;
  readonly state: 'ready' | 'busy' | 'draining' | 'exited';
  /** Requests without an answer. */
  readonly inFlight: number;
  /** Interpreter in use. */
  readonly interpreter: string;
  readonly version: string;
  readonly estimator: string;
  readonly detector: string | null;
  readonly device: string;
  /** Resident memory when the daemon last told, in bytes. */
  readonly rssBytes: number;
  readonly uptimeMs: number;
  /** What an operator should know: an unused detector, a cache that cannot be written. */
  readonly warnings: readonly string[];
}

export interface SidecarStatus extends WorkerStatus {
  /** Calls that wait for credit. */
  readonly queued: number;
  readonly answered: number;
  /** Calls that were rejected, for whatever reason. */
  readonly failed: number;
}

export interface PoolStatus {
  /** Daemons asked for. */
  readonly size: number;
  readonly starting: number;
  readonly workers: readonly WorkerStatus[];
  readonly queued: number;
  readonly inFlight: number;
  readonly answered: number;
  /** Calls that were rejected, for whatever reason. */
  readonly failed: number;
  /** Why the newest failed start or ended daemon failed or ended. */
  readonly lastFailure: PoseError | null;
  readonly closed: boolean;
}

export function workerStatus(daemon: Daemon): WorkerStatus {
  const { hello, ready, child, inFlight } = daemon;
  return {
    pid: child.pid,
    state: child.gone ? 'exited' : daemon.closing ? 'draining' : inFlight > 0 ? 'busy' : 'ready',
    inFlight,
    interpreter: hello.executable,
    version: hello.version,
    estimator: ready.estimator,
    detector: ready.detector,
    device: ready.device,
    rssBytes: daemon.lastPong?.rss_bytes ?? ready.rss_bytes,
    uptimeMs: child.uptimeMs,
    warnings: ready.warnings.map(({ message }) => message),
  };
}
