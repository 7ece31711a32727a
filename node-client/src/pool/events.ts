/** What a pool tells those who watch it. */
import type { PoseError } from '../errors.ts';
import type { Answered } from './answered.ts';
import type { BreakerChange } from './breaker.ts';
import type { Transition } from './life.ts';

/** Daemons in use went down because memory ran out, or up again. */
export interface ConcurrencyChange {
  readonly from: number;
  readonly to: number;
  readonly cause: string;
}

export interface PoolEvents {
  /** A worker took a step in its life. */
  transition: [Transition];
  breaker: [BreakerChange];
  /** The first daemon after none became ready: calls are worked on. */
  ready: [];
  /** The queue was full and is half empty again. */
  drain: [];
  concurrency: [ConcurrencyChange];
  /** A call lost its daemon and goes to another. */
  retry: [{ readonly error: PoseError; readonly attempts: number }];
  /** An input killed daemons; it is refused from now on. */
  quarantine: [PoseError];
  /** A call came back from a daemon. Calls are timed from the first listener on. */
  answered: [Answered];
}

export type PoolLogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One line of the pool's log. */
export interface PoolLogEntry {
  readonly level: PoolLogLevel;
  readonly event: string;
  readonly message: string;
  readonly [detail: string]: unknown;
}

export type PoolLogger = (entry: PoolLogEntry) => void;
