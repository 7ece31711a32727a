/** Can work be done now? Liveness, readiness and capacity are three questions; this answers the second. */
import type { PoolStatus, PoseError, PosePool } from 'pose-sidecar';
import { Refusal, sentenceOf } from './refusal.ts';

/**
 * `warming_up`: no daemon has ever been ready. `ready`: one is. `restarting`: none is, the next one starts already, and
 * calls wait for it. `unavailable`: none is, and none can be started for now. `ending`: the gateway shuts down.
 */
export type Availability = 'warming_up' | 'ready' | 'restarting' | 'unavailable' | 'ending';

/** Seconds. */
const WARMING_RETRY_S = 2;
const OUTAGE_RETRY_S = 30;

export class Readiness {
  readonly #pool: Pick<PosePool, 'status' | 'on'>;
  #everReady: boolean;
  #ending = false;

  constructor(pool: Pick<PosePool, 'status' | 'on'>) {
    this.#pool = pool;
    this.#everReady = pool.status().ready > 0;
    pool.on('ready', () => {
      this.#everReady = true;
    });
  }

  /** Has a daemon ever said READY? */
  get everReady(): boolean {
    return this.#everReady;
  }

  get availability(): Availability {
    const { ready, breaker } = this.#pool.status();
    if (this.#ending) return 'ending';
    if (ready > 0) return 'ready';
    if (breaker !== 'closed') return 'unavailable';
    return this.#everReady ? 'restarting' : 'warming_up';
  }

  /** Is there somebody to work, or will there be in a moment? */
  get canWork(): boolean {
    const { availability } = this;
    return availability === 'ready' || availability === 'restarting';
  }

  /** Why nothing can be done, in words; null while something can. */
  get reason(): string | null {
    const { availability, canWork } = this;
    if (canWork) return null;
    const { lastFailure } = this.#pool.status();
    if (availability === 'unavailable' && lastFailure !== null) return lastFailure.message;
    return availability === 'warming_up' ? 'no daemon is ready yet' : 'the gateway is ending';
  }

  get pool(): PoolStatus {
    return this.#pool.status();
  }

  /** No new work from now on. */
  end(): void {
    this.#ending = true;
  }

  /** Throws WARMING_UP, SHUTTING_DOWN or POOL_UNAVAILABLE. */
  check(): void {
    const { availability, canWork } = this;
    if (canWork) return;
    if (availability === 'warming_up') {
      throw new Refusal('WARMING_UP', 'the service is warming up: no daemon is ready yet', {
        retryAfterS: WARMING_RETRY_S,
        hint: 'Try again when GET /readyz answers 200.',
        fields: { status: 'warming_up' },
      });
    }
    if (availability === 'ending') throw new Refusal('SHUTTING_DOWN', 'the gateway is ending');
    const { lastFailure } = this.#pool.status();
    throw new Refusal(
      'POOL_UNAVAILABLE',
      lastFailure === null ? 'no daemon can be started' : whyNone(lastFailure),
      {
        retryAfterS: OUTAGE_RETRY_S,
        ...(lastFailure?.hint ? { hint: lastFailure.hint } : {}),
        cause: lastFailure,
      },
    );
  }
}

function whyNone(failure: PoseError): string {
  return `no daemon can be started: ${failure.code}: ${sentenceOf(failure)}`;
}
