/** Takes calls in, hands each to the least loaded worker that has credit, and hands it on when a worker is lost. */
import { type DeadlineClock, SYSTEM_CLOCK } from '../clock.ts';
import { AbortedError, PoseError, WorkerDiedError } from '../errors.ts';
import { imageTakenAway } from '../image.ts';
import { newTimeline, type Timeline } from '../process/timeline.ts';
import type { Dispatch, Outcome, Sent, Work } from '../process/work.ts';
import { Call, type CallSettings } from './call.ts';
import { Quarantine } from './quarantine.ts';
import { Queue } from './queue.ts';
import { lived, type RetryPolicy, verdict } from './retry.ts';

/** What the dispatcher needs of a worker. */
export interface Worker {
  readonly inFlight: number;
  accepts(bytes: number): boolean;
  /** Throws PoseError before anything is sent. Reports the outcome once, never before it has returned. */
  send<Value>(work: Work<Value>, dispatch: Dispatch, onOutcome: (outcome: Outcome<Value>) => void): Sent;
}

export interface DispatcherOptions {
  readonly maxQueue: number;
  readonly retry: RetryPolicy;
  readonly clock?: DeadlineClock;
  /** A call goes to another worker; for logs. */
  readonly onRetry?: (error: PoseError, attempts: number) => void;
  readonly onPoison?: (error: PoseError) => void;
  /** The queue was full and is half empty again. */
  readonly onDrain?: () => void;
}

/** Told of every call that has come back from a worker. */
export type Tracer = (call: Call, worker: Worker, timeline: Timeline, ok: boolean) => void;

export class Dispatcher {
  /** While set, every request's way is timed. */
  tracer: Tracer | null = null;
  readonly #options: DispatcherOptions;
  readonly #clock: DeadlineClock;
  readonly #workers = new Set<Worker>();
  readonly #queue = new Queue(() => this.dispatch());
  readonly #quarantine = new Quarantine();
  /** Workers that run a suspect, which shall take no neighbour with it. */
  readonly #alone = new Set<Worker>();
  readonly #waitingForRoom = new Set<() => void>();
  /** While set, every call is refused with it. */
  #refusal: PoseError | null = null;
  #wasFull = false;
  /** Callers that were told of room in this turn of the event loop, and may not have called yet. */
  #told = 0;
  #answered = 0;
  #failed = 0;
  #retried = 0;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
  }

  get queued(): number {
    return this.#queue.size;
  }

  /** Milliseconds that the longest waiting call has waited. */
  get oldestWaitMs(): number {
    const { oldestAtMs } = this.#queue;
    return oldestAtMs === null ? 0 : this.#clock.nowMs() - oldestAtMs;
  }

  get answered(): number {
    return this.#answered;
  }

  /** Calls that were rejected, for whatever reason. */
  get failed(): number {
    return this.#failed;
  }

  /** Times a call was handed on because its worker was lost. */
  get retried(): number {
    return this.#retried;
  }

  get quarantined(): number {
    return this.#quarantine.size;
  }

  add(worker: Worker): void {
    this.#workers.add(worker);
    this.dispatch();
  }

  remove(worker: Worker): void {
    this.#workers.delete(worker);
    this.#alone.delete(worker);
  }

  /** From now on every call is rejected with this error, those that wait included; null: take calls again. */
  refuse(error: PoseError | null): void {
    this.#refusal = error;
    if (error === null) return;
    for (const call of this.#queue) {
      this.#queue.delete(call);
      call.reject(error);
    }
    this.#tellRoom();
  }

  /** Forget which inputs killed workers. */
  pardon(): void {
    this.#quarantine.clear();
  }

  submit<Value>(settings: CallSettings<Value>): Promise<Value> {
    const refusal = this.#refusal ?? this.#whyNotQueued(settings);
    if (refusal !== null) {
      this.#failed += 1;
      return Promise.reject(refusal);
    }
    const call = new Call(settings, this.#clock);
    call.outcome.then(
      () => (this.#answered += 1),
      () => (this.#failed += 1),
    );
    this.#queue.push(call as Call);
    this.dispatch();
    return call.outcome;
  }

  /** Resolves when a call would find room in the queue, or be refused for another reason. */
  room(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waitingForRoom.add(resolve);
    this.#tellRoom();
    return promise;
  }

  /** Hand out what can be handed out; called whenever a worker may have become free. */
  dispatch(): void {
    // These get no more work, so that a suspect finds them idle.
    const held = new Set<Worker>();
    for (const call of this.#queue) {
      const worker = this.#freest(call, held);
      if (worker !== null) {
        this.#queue.delete(call);
        this.#hand(call, worker);
      } else if (call.isSuspect) {
        const soonest = this.#soonestIdle(call, held);
        if (soonest !== null) held.add(soonest);
      } else break;
    }
    this.#tellRoom();
  }

  #whyNotQueued({ signal, work }: CallSettings<unknown>): PoseError | null {
    if (signal?.aborted) return new AbortedError(signal.reason);
    const poison = this.#quarantine.find(work);
    if (poison !== null) return poison;
    const { maxQueue } = this.#options;
    if (this.#queue.size < maxQueue) return null;
    if (this.#queue.size === 0 && this.#anyAccepts(work.body.byteLength)) return null;
    this.#wasFull = true;
    return new PoseError('QUEUE_FULL', `${this.#queue.size} calls wait already, the limit is ${maxQueue}`, {
      hint: 'Await pool.ready() before sending more, raise maxQueue, or use a larger pool.',
    });
  }

  #anyAccepts(bytes: number): boolean {
    for (const worker of this.#workers) if (worker.accepts(bytes) && !this.#alone.has(worker)) return true;
    return false;
  }

  /** The least loaded worker that takes this call now. */
  #freest(call: Call, held: ReadonlySet<Worker>): Worker | null {
    let freest: Worker | null = null;
    for (const worker of this.#eligible(call, held)) {
      if (call.isSuspect && worker.inFlight > 0) continue;
      if (!worker.accepts(call.bodyBytes)) continue;
      if (freest === null || worker.inFlight < freest.inFlight) freest = worker;
    }
    return freest;
  }

  /** The busy worker that has the least left to do. */
  #soonestIdle(call: Call, held: ReadonlySet<Worker>): Worker | null {
    let soonest: Worker | null = null;
    for (const worker of this.#eligible(call, held)) {
      if (worker.inFlight === 0) continue; // and yet it does not take the call
      if (soonest === null || worker.inFlight < soonest.inFlight) soonest = worker;
    }
    return soonest;
  }

  *#eligible(call: Call, held: ReadonlySet<Worker>): Generator<Worker> {
    for (const worker of this.#workers) {
      if (this.#alone.has(worker) || held.has(worker)) continue;
      if (worker === call.avoid && this.#workers.size > 1) continue;
      yield worker;
    }
  }

  #hand(call: Call, worker: Worker): void {
    const { work, trace } = call;
    if (work.body.byteLength !== call.bodyBytes) {
      call.reject(imageTakenAway(call.bodyBytes, work.body.byteLength));
      return;
    }
    const attempt = call.history.attempts + 1;
    call.history = { ...call.history, dispatches: call.history.dispatches + 1 };
    const isAlone = call.isSuspect;
    const timeline = this.tracer === null ? undefined : newTimeline();
    let sent: Sent;
    try {
      sent = worker.send(work, { deadlineMs: call.leftMs, attempt, trace, timeline }, (outcome) => {
        if (isAlone) this.#alone.delete(worker);
        if (timeline) this.tracer?.(call, worker, timeline, outcome.ok);
        this.#take(call, worker, outcome);
      });
    } catch (error) {
      if (!(error instanceof PoseError)) throw error;
      call.reject(error);
      return;
    }
    if (isAlone) this.#alone.add(worker);
    call.markSent(sent);
  }

  #take(call: Call, worker: Worker, outcome: Outcome<unknown>): void {
    if (outcome.ok) call.resolve(outcome.value);
    else if (!call.settled) this.#fail(call, worker, outcome);
    this.dispatch();
  }

  #fail(call: Call, worker: Worker, { error, loss }: Outcome<unknown> & { ok: false }): void {
    const { retry, onRetry, onPoison } = this.#options;
    call.history = lived(call.history, error, loss);
    const final = this.#refusal !== null && error.code === 'DRAINING' ? this.#refusal : null;
    const told = final ?? verdict(call.history, error, loss, retry);
    if (told === null && this.#refusal === null) {
      this.#retried += 1;
      onRetry?.(error, call.history.attempts);
      call.avoid = worker;
      this.#queue.pushAgain(call);
      return;
    }
    const last = told ?? error;
    if (last instanceof WorkerDiedError) last.attempts = call.history.dispatches;
    if (last.code === 'POISON_INPUT') {
      this.#quarantine.add(call.work, last);
      onPoison?.(last);
    }
    call.reject(last);
  }

  /** Calls that may still be queued; without a limit when the next call is refused anyway. */
  get #room(): number {
    if (this.#refusal !== null) return Number.POSITIVE_INFINITY;
    return Math.max(1, this.#options.maxQueue) - this.#queue.size;
  }

  /** Tell no more callers than there is room for; whoever then stays away must not keep the others waiting. */
  #tellRoom(): void {
    const { maxQueue, onDrain } = this.#options;
    for (const tell of this.#waitingForRoom) {
      if (this.#told >= this.#room) break;
      this.#waitingForRoom.delete(tell);
      this.#told += 1;
      if (this.#told === 1) setImmediate(() => this.#tellAgain());
      tell();
    }
    if (this.#wasFull && this.#queue.size <= maxQueue / 2) {
      this.#wasFull = false;
      onDrain?.();
    }
  }

  #tellAgain(): void {
    this.#told = 0;
    this.#tellRoom();
  }
}
