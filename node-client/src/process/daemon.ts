/** One running daemon: its requests, its credits, its end. */
import type { Clock, DeadlineClock } from '../clock.ts';
import { type PoseError, WorkerDiedError } from '../errors.ts';
import type { DaemonMessage, PongMessage, ReadyMessage } from '../wire/generated/messages.ts';
import { WireError } from '../wire/wire-error.ts';
import type { Child } from './child.ts';
import type { Connection, Listener } from './connection.ts';
import { type Exit, killHint, looksOutOfMemory } from './exit.ts';
import type { Greeting } from './handshake.ts';
import { closedBefore, Requests } from './requests.ts';
import { type Ending, shutDown } from './shutdown.ts';
import { ClockAlignment } from './timeline.ts';
import type { Dispatch, Outcome, Sent, Work } from './work.ts';

/** How a daemon ended. */
export interface DaemonEnd {
  /** Null when `close` was the reason. */
  readonly error: WorkerDiedError | null;
  /** It died of itself; false when it was closed, or ended because a cancelled request went on. */
  readonly isCrash: boolean;
}

/** What a daemon needs of its process; a test may script it. */
export type DaemonProcess = Ending &
  Pick<
    Child,
    | 'describeEnd'
    | 'expectExit'
    | 'giveUp'
    | 'givenUp'
    | 'keepsHostAwake'
    | 'leaked'
    | 'oomSeen'
    | 'pid'
    | 'uptimeMs'
  > & { readonly stderr: Pick<Child['stderr'], 'tail'> };

export interface DaemonSettings {
  readonly clock: Clock & DeadlineClock;
  readonly drainMs: number;
  readonly cancelGraceMs: number;
}

export class Daemon implements Listener {
  readonly ready: ReadyMessage;
  readonly hello: Greeting['hello'];
  readonly child: DaemonProcess;
  readonly clock = new ClockAlignment();
  /** Resolves when the process is gone and its requests have had their outcome. */
  readonly ended: Promise<DaemonEnd>;
  /** The newest answer to a ping. */
  lastPong: PongMessage | null = null;
  /** Called with each answer to a ping. */
  onPong: (pong: PongMessage) => void = () => {};
  readonly #connection: Pick<Connection, 'send'>;
  readonly #clock: DeadlineClock;
  readonly #requests: Requests;
  readonly #drainMs: number;
  #fault: WireError | null = null;
  #unresponsive = false;
  #overdueId: number | null = null;
  #pings = 0;
  readonly #bye = Promise.withResolvers<void>();
  #saidBye = false;
  #closing: Promise<void> | null = null;

  constructor(
    child: DaemonProcess,
    connection: Pick<Connection, 'send'>,
    { hello, ready }: Greeting,
    settings: DaemonSettings,
  ) {
    const { clock, drainMs, cancelGraceMs } = settings;
    this.child = child;
    this.hello = hello;
    this.ready = ready;
    this.#connection = connection;
    this.#clock = clock;
    this.#drainMs = drainMs;
    const onOverdue = (id: number) => {
      this.#overdueId = id;
      this.child.giveUp(`request ${id} was still running ${cancelGraceMs} ms after it was cancelled`);
    };
    this.#requests = new Requests(connection, { ready, clock, cancelGraceMs, onOverdue });
    this.ended = child.exited.then((exit) => this.#end(exit));
  }

  /** Requests without an answer. */
  get inFlight(): number {
    return this.#requests.inFlight;
  }

  /** The request being worked on, as far as can be known from here. */
  get runningId(): number | null {
    return this.#requests.runningId;
  }

  get strayAnswers(): number {
    return this.#requests.strayAnswers;
  }

  get closing(): boolean {
    return this.#closing !== null;
  }

  get #takesWork(): boolean {
    const ends = this.child.gone || this.child.givenUp !== null || this.#saidBye;
    return !this.closing && !ends && this.#fault === null;
  }

  /** Is there credit for a request with a body of this size? */
  accepts(bytes: number): boolean {
    return this.#takesWork && this.#requests.hasCredit(bytes);
  }

  /** Send a request. Throws FRAME_TOO_LARGE or INVALID_REQUEST before anything is written. */
  send<Value>(work: Work<Value>, dispatch: Dispatch, onOutcome: (outcome: Outcome<Value>) => void): Sent {
    if (dispatch.timeline) dispatch.timeline.pid = this.child.pid;
    return this.#requests.send(work, dispatch, onOutcome);
  }

  /** Ask for a sign of life and for memory in use. */
  ping(): void {
    if (this.child.gone) return;
    this.#pings += 1;
    this.clock.pinged(this.#pings, performance.now());
    this.#connection.send({ type: 'ping', seq: this.#pings });
  }

  /** Kill it for not answering. */
  giveUp(reason: string): void {
    this.#unresponsive = true;
    this.child.giveUp(reason);
  }

  /** Let running work finish, then end the process by ever firmer means. Never throws; leaves no process. */
  close(): Promise<void> {
    const drain = () => this.#connection.send({ type: 'drain', deadline_ms: this.#drainMs });
    this.#closing ??= shutDown(this.child, { drain, bye: this.#bye.promise }, this.#drainMs, this.#clock);
    return this.#closing;
  }

  onMessage(message: DaemonMessage, body: Uint8Array<ArrayBuffer>): void {
    switch (message.type) {
      case 'result':
        this.#requests.onResult(message, body);
        return;
      case 'error':
        this.#requests.onError(message);
        return;
      case 'part':
        this.#requests.onPart(message, body);
        return;
      case 'pong':
        this.lastPong = message;
        this.clock.ponged(message.seq, message.monotonic_us, performance.now());
        this.onPong(message);
        return;
      case 'bye':
        this.#saidBye = true;
        this.#bye.resolve();
        if (!this.closing) this.child.expectExit(`it said bye (${message.reason})`);
        return;
      default:
        throw new WireError('InvalidMessage', `${message.type} came after ready`);
    }
  }

  onFault(fault: WireError): void {
    this.#fault = fault;
    this.child.giveUp(`it sent bytes that are not this protocol: ${fault.message}`);
  }

  #end(exit: Exit): DaemonEnd {
    const inFlight = this.inFlight;
    const death = this.closing ? null : this.#death(exit, inFlight, null);
    const isCrash = death !== null && this.#overdueId === null;
    const lost = (id: number): PoseError =>
      death === null ? closedBefore('the daemon answered') : this.#death(exit, inFlight, id);
    this.#requests.loseAll(lost, isCrash);
    return { error: death, isCrash };
  }

  #death(exit: Exit, inFlight: number, requestId: number | null): WorkerDiedError {
    const { pid, givenUp, uptimeMs, stderr, oomSeen } = this.child;
    const cause = this.#fault ?? undefined;
    const facts = { pid, exit, uptimeMs, stderrTail: stderr.tail(), requestId, oomSeen, cause };
    const seconds = (uptimeMs / 1000).toFixed(1);
    const unanswered = `${inFlight} ${inFlight === 1 ? 'request' : 'requests'} unanswered`;
    const sentence = `the daemon (pid ${pid}) ${this.child.describeEnd(exit)} after ${seconds} s, with ${unanswered}`;
    if (this.#fault !== null)
      return new WorkerDiedError(this.#fault.code, sentence, { ...facts, retryable: true });
    if (looksOutOfMemory(exit, givenUp !== null)) {
      return new WorkerDiedError('OOM_SUSPECTED', sentence, { ...facts, hint: killHint(oomSeen) });
    }
    if (this.#unresponsive) {
      const hint = 'Look at its log for what it was doing; raise stallTimeoutMs if it was at work.';
      return new WorkerDiedError('WORKER_UNRESPONSIVE', sentence, { ...facts, hint });
    }
    const hint =
      'Send the request again; if it happens again, its last words and `npx pose-sidecar doctor` say more.';
    return new WorkerDiedError('WORKER_DIED', sentence, { ...facts, hint });
  }
}
