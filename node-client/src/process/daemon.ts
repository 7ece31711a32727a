/** One running daemon: its requests, its credits, its end. */
import { PoseError, RequestError, WorkerDiedError } from '../errors.ts';
import { imageTakenAway } from '../image.ts';
import { type PoseResult, toPoseResult } from '../result.ts';
import type {
  DaemonMessage,
  ErrorMessage,
  EstimateParams,
  PongMessage,
  ReadyMessage,
  ResultMessage,
} from '../wire/generated/messages.ts';
import { WireError } from '../wire/wire-error.ts';
import type { Child } from './child.ts';
import type { Connection, Listener } from './connection.ts';
import { type Exit, looksOutOfMemory } from './exit.ts';
import type { Greeting } from './handshake.ts';
import { shutDown } from './shutdown.ts';

/** A request in flight. */
export interface Sent {
  /** Settles with the daemon's terminal message, or with the daemon's end; also after `cancel`. */
  readonly answer: Promise<PoseResult>;
  /** Ask the daemon to stop working on it. Its credit stays spent until the answer. */
  cancel(reason: string): void;
}

interface Pending {
  readonly bytes: number;
  readonly resolve: (result: PoseResult) => void;
  readonly reject: (error: PoseError) => void;
}

export class Daemon implements Listener {
  readonly ready: ReadyMessage;
  readonly hello: Greeting['hello'];
  readonly child: Child;
  /** Resolves when the process is gone: with the reason, or null when `close` was the reason. */
  readonly ended: Promise<WorkerDiedError | null>;
  /** The newest answer to a ping. */
  lastPong: PongMessage | null = null;
  /** Answers to no request of ours: counted, never delivered. */
  strayAnswers = 0;
  readonly #connection: Connection;
  readonly #drainMs: number;
  readonly #pending = new Map<number, Pending>();
  #bytesInFlight = 0;
  #lastId = 0;
  #fault: WireError | null = null;
  readonly #bye = Promise.withResolvers<void>();
  #saidBye = false;
  #closing: Promise<void> | null = null;

  constructor(child: Child, connection: Connection, { hello, ready }: Greeting, drainMs: number) {
    this.child = child;
    this.hello = hello;
    this.ready = ready;
    this.#connection = connection;
    this.#drainMs = drainMs;
    this.ended = child.exited.then((exit) => this.#end(exit));
  }

  /** Requests without an answer. */
  get inFlight(): number {
    return this.#pending.size;
  }

  get closing(): boolean {
    return this.#closing !== null;
  }

  get #takesWork(): boolean {
    return !this.closing && !this.child.gone && !this.#saidBye && this.#fault === null;
  }

  /** Is there credit for a request with a body of this size? One larger than all credit goes alone. */
  accepts(bytes: number): boolean {
    const { credits } = this.ready;
    if (!this.#takesWork || this.inFlight >= credits.requests) return false;
    return this.inFlight === 0 || this.#bytesInFlight + bytes <= credits.bytes;
  }

  /** Send a request. Throws FRAME_TOO_LARGE or INVALID_REQUEST before anything is written. */
  estimate(params: EstimateParams, body: Uint8Array, deadlineMs: number): Sent {
    const id = this.#lastId + 1;
    const bytes = body.byteLength;
    const { promise, resolve, reject } = Promise.withResolvers<PoseResult>();
    this.#connection.send(
      { type: 'request', id, op: 'estimate', deadline_ms: deadlineMs, attempt: 1, params },
      body,
      () => this.#settle(id, (pending) => pending.reject(imageTakenAway(bytes, body.byteLength))),
    );
    this.#lastId = id;
    this.#pending.set(id, { bytes, resolve, reject });
    this.#bytesInFlight += bytes;
    return {
      answer: promise,
      cancel: (reason) => {
        if (this.#pending.has(id)) this.#connection.send({ type: 'cancel', id, reason });
      },
    };
  }

  /** Ask for a sign of life and for memory in use; the answer lands in `lastPong`. */
  ping(): void {
    this.#connection.send({ type: 'ping', seq: (this.lastPong?.seq ?? 0) + 1 });
  }

  /** Let running work finish, then end the process by ever firmer means. Never throws; leaves no process. */
  close(): Promise<void> {
    const drain = () => this.#connection.send({ type: 'drain', deadline_ms: this.#drainMs });
    this.#closing ??= shutDown(this.child, { drain, bye: this.#bye.promise }, this.#drainMs);
    return this.#closing;
  }

  onMessage(message: DaemonMessage, body: Uint8Array<ArrayBuffer>): void {
    switch (message.type) {
      case 'result':
        this.#settle(message.id, (pending) => pending.resolve(this.#read(message, body)));
        return;
      case 'error':
        this.#settle(message.id, (pending) => pending.reject(this.#requestError(message)));
        return;
      case 'pong':
        this.lastPong = message;
        return;
      case 'bye':
        this.#saidBye = true;
        this.#bye.resolve();
        if (!this.closing) this.child.expectExit(`it said bye (${message.reason})`);
        return;
      case 'part':
        return;
      default:
        throw new WireError('InvalidMessage', `${message.type} came after ready`);
    }
  }

  onFault(fault: WireError): void {
    this.#fault = fault;
    this.child.giveUp(`it sent bytes that are not this protocol: ${fault.message}`);
  }

  #settle(id: number | null, deliver: (pending: Pending) => void): void {
    const pending = id === null ? undefined : this.#pending.get(id);
    if (id === null || pending === undefined) {
      this.strayAnswers += 1;
      return;
    }
    deliver(pending);
    this.#pending.delete(id);
    this.#bytesInFlight -= pending.bytes;
  }

  #read(message: ResultMessage, body: Uint8Array<ArrayBuffer>): PoseResult {
    return toPoseResult(message, body, this.ready.skeleton);
  }

  #requestError({ code, message, hint, retryable, details }: ErrorMessage): PoseError {
    if (code === 'DRAINING' && this.closing) {
      return new PoseError('POOL_CLOSED', 'it was closed before this request began');
    }
    return new RequestError(code, message, { hint, retryable, details });
  }

  #end(exit: Exit): WorkerDiedError | null {
    const error = this.closing ? null : this.#death(exit);
    for (const { reject } of this.#pending.values()) {
      reject(error ?? new PoseError('POOL_CLOSED', 'it was closed before the daemon answered'));
    }
    this.#pending.clear();
    this.#bytesInFlight = 0;
    return error;
  }

  #death(exit: Exit): WorkerDiedError {
    const { pid, givenUp, uptimeMs, stderr } = this.child;
    const facts = { pid, exit, uptimeMs, stderrTail: stderr.tail(), cause: this.#fault ?? undefined };
    const seconds = (uptimeMs / 1000).toFixed(1);
    const end = this.child.describeEnd(exit);
    const sentence = `the daemon (pid ${pid}) ${end} after ${seconds} s, with ${this.inFlight} ${this.inFlight === 1 ? 'request' : 'requests'} unanswered`;
    if (this.#fault !== null)
      return new WorkerDiedError(this.#fault.code, sentence, { ...facts, retryable: true });
    if (looksOutOfMemory(exit, givenUp !== null)) {
      const hint = 'Use a smaller pool or smaller images, or give the machine more memory.';
      return new WorkerDiedError('OOM_SUSPECTED', sentence, { ...facts, hint });
    }
    const hint =
      'Send the request again; if it happens again, its last words and `npx pose-sidecar doctor` say more.';
    return new WorkerDiedError('WORKER_DIED', sentence, { ...facts, hint });
  }
}
