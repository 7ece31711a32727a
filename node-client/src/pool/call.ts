/** One call from the caller's side: it settles exactly once, whoever is first. */
import { onAbort } from '../abort.ts';
import type { DeadlineClock } from '../clock.ts';
import { AbortedError, PoseError } from '../errors.ts';
import type { Sent, Work } from '../process/work.ts';
import { type History, NO_HISTORY } from './retry.ts';

export interface CallSettings<Value> {
  readonly work: Work<Value>;
  readonly deadlineMs: number;
  readonly signal: AbortSignal | undefined;
  /** W3C traceparent, for the daemon's log. */
  readonly trace?: string | undefined;
}

export class Call<Value = unknown> {
  readonly work: Work<Value>;
  readonly trace: string | undefined;
  /** Length of the body when the call came in. */
  readonly bodyBytes: number;
  readonly outcome: Promise<Value>;
  readonly enteredAtMs: number;
  /** Called when the caller no longer waits: the signal fired or the deadline passed. */
  onGivenUp: (reason: string) => void = () => {};
  /** Who had it last and lost it: another one shall have it next. */
  avoid: object | null = null;
  history: History = NO_HISTORY;
  readonly #clock: DeadlineClock;
  readonly #deadlineMs: number;
  readonly #stopTimer: () => void;
  readonly #leaveSignal: () => void;
  readonly #settle: { resolve(value: Value): void; reject(error: PoseError): void };
  #dispatchedAtMs: number | null = null;
  #settled = false;

  constructor({ work, deadlineMs, signal, trace }: CallSettings<Value>, clock: DeadlineClock) {
    this.work = work;
    this.trace = trace;
    this.bodyBytes = work.body.byteLength;
    this.#clock = clock;
    this.enteredAtMs = clock.nowMs();
    this.#deadlineMs = deadlineMs;
    const { promise, resolve, reject } = Promise.withResolvers<Value>();
    this.outcome = promise;
    this.#settle = { resolve, reject };
    this.#stopTimer = clock.deadline(deadlineMs, () => this.#giveUp(this.#deadlineError(), 'deadline'));
    this.#leaveSignal = signal
      ? onAbort(signal, (reason) => this.#giveUp(new AbortedError(reason), 'abort'))
      : () => {};
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** Did a daemon die while it ran this? Then it runs alone from now on. */
  get isSuspect(): boolean {
    return this.history.deaths > 0;
  }

  /** Milliseconds left, for the daemon; over 0 as long as the call is not settled. */
  get leftMs(): number {
    return Math.max(1, this.enteredAtMs + this.#deadlineMs - this.#clock.nowMs());
  }

  /** It is with a daemon now, which is told when the caller gives up. */
  markSent(sent: Sent): void {
    this.#dispatchedAtMs ??= this.#clock.nowMs();
    this.onGivenUp = (reason) => sent.cancel(reason);
  }

  /** Returns false when the call was settled before. */
  resolve(value: Value): boolean {
    return this.#finish(() => this.#settle.resolve(value));
  }

  /** Returns false when the call was settled before. */
  reject(error: PoseError): boolean {
    return this.#finish(() => this.#settle.reject(error));
  }

  #giveUp(error: PoseError, reason: string): void {
    if (this.reject(error)) this.onGivenUp(reason);
  }

  #finish(settle: () => void): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#stopTimer();
    this.#leaveSignal();
    settle();
    return true;
  }

  #deadlineError(): PoseError {
    const queuedMs = (this.#dispatchedAtMs ?? this.#clock.nowMs()) - this.enteredAtMs;
    const where =
      this.#dispatchedAtMs === null ? 'all of it in the queue' : `${Math.round(queuedMs)} of it in the queue`;
    const again =
      this.history.dispatches > 1 ? `; it was handed to a daemon ${this.history.dispatches} times` : '';
    return new PoseError('DEADLINE_EXCEEDED', `no answer within ${this.#deadlineMs} ms, ${where}${again}`, {
      hint: 'Raise deadlineMs, send fewer images at once, or use a larger pool.',
    });
  }
}
