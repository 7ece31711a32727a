/** One `estimate` call from the caller's side: it settles exactly once, whoever is first. */
import { onAbort } from '../abort.ts';
import { AbortedError, PoseError } from '../errors.ts';
import type { PoseResult } from '../result.ts';
import type { EstimateParams } from '../wire/generated/messages.ts';

export interface CallSettings {
  readonly params: EstimateParams;
  readonly body: Uint8Array;
  readonly deadlineMs: number;
  readonly signal: AbortSignal | undefined;
}

export class Call {
  readonly params: EstimateParams;
  readonly body: Uint8Array;
  /** Length of the body when the call came in. */
  readonly bodyBytes: number;
  readonly outcome: Promise<PoseResult>;
  /** Called when the caller no longer waits: the signal fired or the deadline passed. */
  onGivenUp: (reason: string) => void = () => {};
  readonly #deadlineMs: number;
  readonly #startedAtMs = performance.now();
  readonly #timer: NodeJS.Timeout;
  readonly #leaveSignal: () => void;
  readonly #settle: { resolve(result: PoseResult): void; reject(error: PoseError): void };
  #dispatchedAtMs: number | null = null;
  #settled = false;

  constructor({ params, body, deadlineMs, signal }: CallSettings) {
    this.params = params;
    this.body = body;
    this.bodyBytes = body.byteLength;
    this.#deadlineMs = deadlineMs;
    const { promise, resolve, reject } = Promise.withResolvers<PoseResult>();
    this.outcome = promise;
    this.#settle = { resolve, reject };
    this.#timer = setTimeout(() => this.#giveUp(this.#deadlineError(), 'deadline'), deadlineMs);
    this.#leaveSignal = signal
      ? onAbort(signal, (reason) => this.#giveUp(new AbortedError(reason), 'abort'))
      : () => {};
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** Milliseconds left, for the daemon; over 0 as long as the call is not settled. */
  get leftMs(): number {
    return Math.max(1, this.#startedAtMs + this.#deadlineMs - performance.now());
  }

  markDispatched(): void {
    this.#dispatchedAtMs = performance.now();
  }

  /** Returns false when the call was settled before. */
  resolve(result: PoseResult): boolean {
    return this.#finish(() => this.#settle.resolve(result));
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
    clearTimeout(this.#timer);
    this.#leaveSignal();
    settle();
    return true;
  }

  #deadlineError(): PoseError {
    const queuedMs = (this.#dispatchedAtMs ?? performance.now()) - this.#startedAtMs;
    const where =
      this.#dispatchedAtMs === null ? 'all of it in the queue' : `${Math.round(queuedMs)} of it in the queue`;
    return new PoseError('DEADLINE_EXCEEDED', `no answer within ${this.#deadlineMs} ms, ${where}`, {
      hint: 'Raise deadlineMs, send fewer images at once, or use a larger pool.',
    });
  }
}
