/** The requests of one daemon: their credits, their order, their ends. */
import { afterReading, type Clock, type Timer } from '../clock.ts';
import { PoseError, RequestError } from '../errors.ts';
import { imageTakenAway } from '../image.ts';
import type { ErrorMessage, PartMessage, ReadyMessage, ResultMessage } from '../wire/generated/messages.ts';
import type { Connection } from './connection.ts';
import type { Timeline } from './timeline.ts';
import type { Dispatch, Outcome, Sent, Work } from './work.ts';

/** What the daemon granted at READY. */
type Credits = ReadyMessage['credits'];

interface Pending {
  readonly bytes: number;
  readonly work: Work<unknown>;
  readonly timeline: Timeline | undefined;
  readonly onOutcome: (outcome: Outcome<unknown>) => void;
  cancelled: boolean;
}

export interface RequestsOptions {
  readonly ready: ReadyMessage;
  readonly clock: Clock;
  /** Milliseconds a cancelled request may go on running. */
  readonly cancelGraceMs: number;
  /** The running request did not stop in time. */
  readonly onOverdue: (id: number) => void;
}

export class Requests {
  /** Answers to no request of ours: counted, never delivered. */
  strayAnswers = 0;
  readonly #connection: Pick<Connection, 'send'>;
  readonly #clock: Clock;
  readonly #ready: ReadyMessage;
  readonly #cancelGraceMs: number;
  readonly #onOverdue: (id: number) => void;
  /** In the order in which the daemon works on them: the first one runs. */
  readonly #pending = new Map<number, Pending>();
  #bytesInFlight = 0;
  #lastId = 0;
  #grace: Timer | null = null;

  constructor(
    connection: Pick<Connection, 'send'>,
    { ready, clock, cancelGraceMs, onOverdue }: RequestsOptions,
  ) {
    this.#connection = connection;
    this.#clock = clock;
    this.#ready = ready;
    this.#cancelGraceMs = cancelGraceMs;
    this.#onOverdue = onOverdue;
  }

  /** Requests without an answer. */
  get inFlight(): number {
    return this.#pending.size;
  }

  /** The one being worked on, as far as can be known from here. */
  get runningId(): number | null {
    return this.#pending.keys().next().value ?? null;
  }

  /** Is there credit for a request with a body of this size? One larger than all credit goes alone. */
  hasCredit(bytes: number): boolean {
    const credits: Credits = this.#ready.credits;
    if (this.inFlight >= credits.requests) return false;
    return this.inFlight === 0 || this.#bytesInFlight + bytes <= credits.bytes;
  }

  /** Send a request. Throws FRAME_TOO_LARGE or INVALID_REQUEST before anything is written. */
  send<Value>(
    work: Work<Value>,
    { deadlineMs, attempt, trace, timeline }: Dispatch,
    onOutcome: (outcome: Outcome<Value>) => void,
  ): Sent {
    const id = this.#lastId + 1;
    const bytes = work.body.byteLength;
    const { op, params, body } = work;
    if (timeline) timeline.sentAtMs = performance.now();
    this.#connection.send(
      {
        type: 'request',
        id,
        op,
        deadline_ms: deadlineMs,
        attempt,
        ...(trace === undefined ? {} : { trace }),
        params,
      },
      body,
      {
        onSpoiled: () =>
          this.#settle(id, { ok: false, error: imageTakenAway(bytes, body.byteLength), loss: null }),
        ...(timeline && {
          onWritten: () => {
            timeline.writtenAtMs = performance.now();
          },
        }),
      },
    );
    this.#lastId = id;
    this.#pending.set(id, {
      bytes,
      work,
      timeline,
      onOutcome: onOutcome as (outcome: Outcome<unknown>) => void,
      cancelled: false,
    });
    this.#bytesInFlight += bytes;
    return { cancel: (reason) => this.#cancel(id, reason) };
  }

  onPart(message: PartMessage, body: Uint8Array<ArrayBuffer>): void {
    const pending = this.#pending.get(message.id);
    if (pending === undefined) this.strayAnswers += 1;
    else if (!pending.cancelled) pending.work.onPart?.(message, body);
  }

  /** Throws WireError when the answer does not fit the request. */
  onResult(message: ResultMessage, body: Uint8Array<ArrayBuffer>): void {
    const pending = this.#pending.get(message.id);
    if (pending === undefined) {
      this.strayAnswers += 1;
      return;
    }
    const { timeline, work } = pending;
    const { received_us: receivedUs, timings_ms: stagesMs } = message;
    if (timeline && receivedUs !== undefined) timeline.daemon = { receivedUs, stagesMs: stagesMs ?? {} };
    this.#settle(message.id, { ok: true, value: work.read(message, body, this.#ready) });
  }

  onError({ id, code, message, hint, retryable, details }: ErrorMessage): void {
    const error = new RequestError(code, message, { hint, retryable, details });
    if (id === null || !this.#pending.has(id)) this.strayAnswers += 1;
    else this.#settle(id, { ok: false, error, loss: null });
  }

  /** The daemon is gone. */
  loseAll(error: (id: number) => PoseError, isCrash: boolean): void {
    this.#grace?.cancel();
    const lost = [...this.#pending];
    const running = this.runningId;
    this.#pending.clear();
    this.#bytesInFlight = 0;
    for (const [id, { onOutcome }] of lost) {
      onOutcome({ ok: false, error: error(id), loss: { wasRunning: id === running, isCrash } });
    }
  }

  #cancel(id: number, reason: string): void {
    const pending = this.#pending.get(id);
    if (pending === undefined || pending.cancelled) return;
    pending.cancelled = true;
    this.#connection.send({ type: 'cancel', id, reason });
    this.#watchRunning();
  }

  #settle(id: number, outcome: Outcome<unknown>): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    this.#bytesInFlight -= pending.bytes;
    this.#watchRunning();
    if (pending.timeline) pending.timeline.answeredAtMs = performance.now();
    pending.onOutcome(outcome);
  }

  /** A cancelled request has time to stop from when it runs: before that its neighbour is at work. */
  #watchRunning(): void {
    this.#grace?.cancel();
    const id = this.runningId;
    if (id === null || !this.#pending.get(id)?.cancelled) return;
    this.#grace = afterReading(this.#clock, this.#cancelGraceMs, () => this.#onOverdue(id));
  }
}

/** For requests that a closing daemon no longer begins. */
export function closedBefore(what: string): PoseError {
  return new PoseError('POOL_CLOSED', `it was closed before ${what}`);
}
