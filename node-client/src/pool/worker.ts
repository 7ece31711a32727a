/** A daemon in the pool: what it has done, how it does, and when it has done enough. */

import type { Clock } from '../clock.ts';
import { PoseError, type WorkerDiedError } from '../errors.ts';
import type { Daemon } from '../process/daemon.ts';
import type { Dispatch, Outcome, Sent, Work } from '../process/work.ts';
import type { Worker } from './dispatcher.ts';
import { GrayRecord } from './gray.ts';
import type { Life } from './life.ts';
import { Liveness, type LivenessSettings } from './liveness.ts';
import { drawLimits, type RecycleLimits, whyRecycle } from './recycling.ts';

/** What a worker needs of a daemon; a test may script it. */
export type DaemonLike = Pick<
  Daemon,
  | 'accepts'
  | 'clock'
  | 'close'
  | 'ended'
  | 'giveUp'
  | 'hello'
  | 'inFlight'
  | 'lastPong'
  | 'onPong'
  | 'ping'
  | 'ready'
  | 'send'
> & {
  readonly child: Pick<Daemon['child'], 'gone' | 'keepsHostAwake' | 'leaked' | 'pid' | 'uptimeMs'>;
};

/** A question of our own that a daemon has not answered by then is given up by it. */
export const PROBE_DEADLINE_MS = 30_000;

export interface WorkerSettings extends LivenessSettings {
  readonly recycle: RecycleLimits;
}

export interface WorkerHost {
  readonly clock: Clock;
  readonly random: () => number;
  /** It answered a request without an error. */
  onAnswered(): void;
  /** It answered with an error of its own. */
  onSick(code: string): void;
  /** It shall be replaced, the replacement first. */
  onWorn(why: string): void;
  /** It takes work again after it had stopped answering. */
  onFree(): void;
}

export class PoolWorker implements Worker {
  readonly daemon: DaemonLike;
  readonly life: Life;
  readonly gray = new GrayRecord();
  /** Requests it answered, with a result or an error. */
  answered = 0;
  readonly #host: WorkerHost;
  readonly #limits: RecycleLimits;
  readonly #liveness: Liveness;
  readonly #readyAtMs: number;
  /** Resolves when nothing is left to wait for before it is ended. */
  readonly #idle = Promise.withResolvers<void>();
  #sent = 0;
  #isWorn = false;
  #suspended = false;
  /** Waits for credit; no request goes before it. */
  #probe: { readonly bytes: number; readonly send: () => void } | null = null;
  /** Highest resident memory it told of, bytes. */
  peakRssBytes: number;
  /** Highest memory on its GPU it told of, bytes; 0 without one. */
  peakGpuBytes = 0;

  constructor(daemon: DaemonLike, life: Life, settings: WorkerSettings, host: WorkerHost) {
    this.daemon = daemon;
    this.life = life;
    this.#host = host;
    this.#limits = drawLimits(settings.recycle, host.random);
    this.#readyAtMs = host.clock.nowMs();
    this.peakRssBytes = daemon.ready.rss_bytes;
    this.#liveness = new Liveness(host.clock, settings, {
      ping: () => daemon.ping(),
      onSilent: (missed) => {
        if (life.serves) life.to('unresponsive', `it left ${missed} pings unanswered`);
      },
      onRecovered: () => this.#recover(),
      onGivenUp: (reason) => daemon.giveUp(reason),
    });
    daemon.onPong = (pong) => {
      this.peakRssBytes = Math.max(this.peakRssBytes, pong.rss_bytes);
      this.peakGpuBytes = Math.max(this.peakGpuBytes, pong.gpu_bytes ?? 0);
      this.#liveness.onPong(pong);
      this.#checkWear();
    };
    void daemon.ended.then(() => {
      this.#liveness.stop();
      this.#idle.resolve();
    });
  }

  get inFlight(): number {
    return this.daemon.inFlight;
  }

  get rssBytes(): number {
    return this.daemon.lastPong?.rss_bytes ?? this.daemon.ready.rss_bytes;
  }

  accepts(bytes: number): boolean {
    if (this.#suspended || this.#probe !== null || this.life.state === 'unresponsive') return false;
    return this.#sent < this.#limits.afterRequests && this.daemon.accepts(bytes);
  }

  send<Value>(work: Work<Value>, dispatch: Dispatch, onOutcome: (outcome: Outcome<Value>) => void): Sent {
    const sent = this.#hand(work, dispatch, onOutcome);
    this.#sent += 1;
    this.#checkWear();
    return sent;
  }

  /** Ask a question of our own as soon as there is credit; without one while the last waits, or when it leaves. */
  probe<Value>(work: Work<Value>, onOutcome: (outcome: Outcome<Value>) => void): void {
    if (this.#suspended || this.#probe !== null) return;
    const dispatch = { deadlineMs: PROBE_DEADLINE_MS, attempt: 1 };
    const send = () => {
      try {
        const sent = this.#hand(work, dispatch, (outcome) => {
          tooLate.cancel();
          onOutcome(outcome);
          this.#host.onFree();
        });
        const tooLate = this.#host.clock.after(PROBE_DEADLINE_MS, () => sent.cancel('deadline'));
      } catch (error) {
        if (!(error instanceof PoseError)) throw error;
        onOutcome({ ok: false, error, loss: null });
      }
    };
    this.#probe = { bytes: work.body.byteLength, send };
    this.#sendProbe();
  }

  /** Give it no more work. */
  suspend(): void {
    this.#suspended = true;
  }

  /** Let it finish what it has, for as long as that has time, and end it. */
  async retire(cause: string): Promise<void> {
    this.#leave(cause);
    if (this.inFlight > 0) await this.#idle.promise;
    await this.daemon.close();
  }

  /** End it now; what it has may go on for as long as a drain lasts. */
  async close(cause: string): Promise<void> {
    this.#leave(cause);
    this.#idle.resolve();
    await this.daemon.close();
  }

  /** How it ended. */
  get ended(): Promise<{ readonly error: WorkerDiedError | null; readonly isCrash: boolean }> {
    return this.daemon.ended;
  }

  #hand<Value>(work: Work<Value>, dispatch: Dispatch, onOutcome: (outcome: Outcome<Value>) => void): Sent {
    const sent = this.daemon.send(work, dispatch, (outcome: Outcome<Value>) => {
      this.#note(outcome);
      onOutcome(outcome);
    });
    if (this.life.state === 'ready') this.life.to('busy', `a request: ${work.op}`);
    return sent;
  }

  #sendProbe(): void {
    const probe = this.#probe;
    if (probe === null || !this.daemon.accepts(probe.bytes)) return;
    this.#probe = null;
    probe.send();
    this.#host.onFree();
  }

  #leave(cause: string): void {
    this.suspend();
    this.#probe = null;
    this.#isWorn = true;
    if (this.life.state !== 'exited') this.life.to('draining', cause);
  }

  #note(outcome: Outcome<unknown>): void {
    if (!outcome.ok && outcome.loss !== null) return;
    this.answered += 1;
    const nowMs = this.#host.clock.nowMs();
    if (this.inFlight === 0 && this.life.state === 'busy') this.life.to('ready', 'nothing left to do');
    if (this.inFlight === 0 && this.life.state === 'draining') this.#idle.resolve();
    this.#sendProbe();
    if (outcome.ok) {
      this.gray.succeeded(nowMs);
      this.#host.onAnswered();
    } else {
      this.gray.failed(outcome.error.code, nowMs);
      this.#host.onSick(outcome.error.code);
    }
  }

  #recover(): void {
    if (this.life.state !== 'unresponsive') return;
    this.life.to(this.inFlight > 0 ? 'busy' : 'ready', 'it answers again');
    this.#host.onFree();
  }

  #checkWear(): void {
    if (this.#isWorn) return;
    const ageMs = this.#host.clock.nowMs() - this.#readyAtMs;
    const why = whyRecycle({ sent: this.#sent, ageMs, rssBytes: this.rssBytes }, this.#limits);
    if (why === null) return;
    this.#isWorn = true;
    this.#host.onWorn(why);
  }
}
