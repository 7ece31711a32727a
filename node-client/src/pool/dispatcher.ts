/** Takes calls in, hands each to the least loaded daemon that has credit, in the order in which they came. */
import { AbortedError, PoseError } from '../errors.ts';
import { imageTakenAway } from '../image.ts';
import type { Sent } from '../process/daemon.ts';
import type { PoseResult } from '../result.ts';
import type { EstimateParams } from '../wire/generated/messages.ts';
import { Call, type CallSettings } from './call.ts';

/** What the dispatcher needs of a daemon. */
export interface Worker {
  readonly inFlight: number;
  accepts(bytes: number): boolean;
  estimate(params: EstimateParams, body: Uint8Array, deadlineMs: number): Sent;
}

export class Dispatcher {
  readonly #maxQueue: number;
  readonly #workers = new Set<Worker>();
  /** A set keeps the order and lets a cancelled call leave from the middle. */
  readonly #queue = new Set<Call>();
  #refusal: PoseError | null = null;
  #answered = 0;
  #failed = 0;

  constructor(maxQueue: number) {
    this.#maxQueue = maxQueue;
  }

  get queued(): number {
    return this.#queue.size;
  }

  get answered(): number {
    return this.#answered;
  }

  /** Calls that were rejected, for whatever reason. */
  get failed(): number {
    return this.#failed;
  }

  add(worker: Worker): void {
    this.#workers.add(worker);
    this.#dispatch();
  }

  remove(worker: Worker): void {
    this.#workers.delete(worker);
  }

  /** From now on every call is rejected with this error, those that wait included. The first refusal stands. */
  refuse(error: PoseError): void {
    this.#refusal ??= error;
    for (const call of this.#queue) call.reject(this.#refusal);
    this.#queue.clear();
  }

  submit(settings: CallSettings): Promise<PoseResult> {
    const refusal = this.#refusal ?? this.#whyNotQueued(settings);
    if (refusal !== null) {
      this.#failed += 1;
      return Promise.reject(refusal);
    }
    const call = new Call(settings);
    void call.outcome.then(
      () => (this.#answered += 1),
      () => (this.#failed += 1),
    );
    call.onGivenUp = () => this.#queue.delete(call);
    this.#queue.add(call);
    this.#dispatch();
    return call.outcome;
  }

  #whyNotQueued({ signal, body }: CallSettings): PoseError | null {
    if (signal?.aborted) return new AbortedError(signal.reason);
    if (this.#queue.size < this.#maxQueue) return null;
    if (this.#queue.size === 0 && this.#freest(body.byteLength) !== null) return null;
    return new PoseError(
      'QUEUE_FULL',
      `${this.#queue.size} calls wait already, the limit is ${this.#maxQueue}`,
      {
        hint: 'Await earlier calls before sending more, raise maxQueue, or use a larger pool.',
      },
    );
  }

  #dispatch(): void {
    for (const call of this.#queue) {
      const worker = this.#freest(call.body.byteLength);
      if (worker === null) return;
      this.#queue.delete(call);
      this.#hand(call, worker);
    }
  }

  #freest(bytes: number): Worker | null {
    let freest: Worker | null = null;
    for (const worker of this.#workers) {
      if (worker.accepts(bytes) && (freest === null || worker.inFlight < freest.inFlight)) freest = worker;
    }
    return freest;
  }

  #hand(call: Call, worker: Worker): void {
    if (call.body.byteLength !== call.bodyBytes) {
      call.reject(imageTakenAway(call.bodyBytes, call.body.byteLength));
      return;
    }
    let sent: Sent;
    try {
      sent = worker.estimate(call.params, call.body, call.leftMs);
    } catch (error) {
      if (!(error instanceof PoseError)) throw error;
      call.reject(error);
      return;
    }
    call.markDispatched();
    call.onGivenUp = (reason) => sent.cancel(reason);
    void sent.answer
      .then(
        (result) => call.resolve(result),
        (error: PoseError) => call.reject(error),
      )
      .finally(() => this.#dispatch());
  }
}
