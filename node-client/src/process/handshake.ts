/** From a fresh process to one that accepts work: HELLO, INIT, PROGRESS …, READY or the reason why not. */
import { onAbort } from '../abort.ts';
import { afterReading, type Clock, type DeadlineClock, type Timer } from '../clock.ts';
import { AbortedError, InitFailedError, PoseError, StartError, type StartPhase } from '../errors.ts';
import type { DaemonMessage, HelloMessage, InitMessage, ReadyMessage } from '../wire/generated/messages.ts';
import type { WireError } from '../wire/wire-error.ts';
import type { Child } from './child.ts';
import type { Connection, Listener } from './connection.ts';
import { type Exit, killHint, looksOutOfMemory } from './exit.ts';
import { findSkew } from './version-skew.ts';

export interface HandshakeSettings {
  readonly nonce: string;
  readonly init: InitMessage;
  /** Milliseconds for everything. */
  readonly startTimeoutMs: number;
  /** Milliseconds without a word. */
  readonly startSilenceMs: number;
  readonly signal: AbortSignal | undefined;
  readonly clock: Clock & DeadlineClock;
  /** Called at each new phase, from `hello` on. */
  readonly onPhase?: ((phase: StartPhase, pid: number) => void) | undefined;
}

export interface Greeting {
  readonly hello: HelloMessage;
  readonly ready: ReadyMessage;
}

/**
 * Listens until READY, then makes the listener that follows: at once, for the next message may be in the same chunk.
 * Rejects with the daemon's own reason, or with what was seen from outside; the caller ends the process then.
 */
export class Handshake<Successor extends Listener> implements Listener {
  readonly done: Promise<Successor>;
  readonly #child: Child;
  readonly #connection: Connection;
  readonly #settings: HandshakeSettings;
  readonly #stopTimeout: () => void;
  #silence: Timer;
  readonly #leaveSignal: () => void;
  readonly #follow: (greeting: Greeting) => Successor;
  readonly #outcome = Promise.withResolvers<Successor>();
  #over = false;
  #phase: StartPhase = 'spawning';
  #hello: HelloMessage | null = null;

  constructor(
    child: Child,
    connection: Connection,
    settings: HandshakeSettings,
    follow: (greeting: Greeting) => Successor,
  ) {
    this.#child = child;
    this.#connection = connection;
    this.#settings = settings;
    this.#follow = follow;
    connection.listener = this;
    this.done = this.#outcome.promise.finally(() => this.#stop());
    const { startTimeoutMs, signal, clock } = settings;
    this.#silence = this.#awaitWord();
    this.#stopTimeout = clock.deadline(startTimeoutMs, () =>
      this.#timeOut(`was not ready after ${startTimeoutMs} ms`),
    );
    this.#leaveSignal = signal ? onAbort(signal, (reason) => this.#fail(new AbortedError(reason))) : () => {};
    if (signal?.aborted) this.#fail(new AbortedError(signal.reason));
    void child.exited.then((exit) => this.#fail(this.#died(exit)));
  }

  onMessage(message: DaemonMessage): void {
    if (this.#over) return;
    this.#silence.cancel();
    this.#silence = this.#awaitWord();
    if (message.type === 'hello' && this.#hello === null) this.#greet(message);
    else if (this.#hello === null) this.#break(`sent ${message.type} before hello`);
    else if (message.type === 'progress') this.#enter(message.phase);
    else if (message.type === 'init_failed') this.#fail(new InitFailedError(message));
    else if (message.type === 'ready') {
      this.#connection.jsonMeta = false;
      const successor = this.#follow({ hello: this.#hello, ready: message });
      this.#connection.listener = successor;
      this.#outcome.resolve(successor);
    } else this.#break(`sent ${message.type} before ready`);
  }

  onFault(fault: WireError): void {
    this.#break(`sent bytes that are not this protocol: ${fault.message}`, fault);
  }

  #awaitWord(): Timer {
    const { clock, startSilenceMs } = this.#settings;
    return afterReading(clock, startSilenceMs, () => this.#timeOut(`said nothing for ${startSilenceMs} ms`));
  }

  #fail(error: PoseError): void {
    this.#over = true;
    this.#outcome.reject(error);
  }

  #greet(hello: HelloMessage): void {
    if (hello.nonce !== this.#settings.nonce) {
      this.#break(`answered with the nonce of another start (${hello.nonce})`);
      return;
    }
    const skew = findSkew(hello);
    if (skew !== null) {
      this.#fail(skew);
      return;
    }
    this.#hello = hello;
    this.#enter('hello');
    const { meta_bytes: metaBytes, body_bytes: bodyBytes, depth } = hello.limits;
    this.#connection.limits = { metaBytes, bodyBytes, depth };
    try {
      this.#connection.send(this.#settings.init);
    } catch (error) {
      if (!(error instanceof PoseError)) throw error;
      const hint = 'Correct the options of start().';
      const sentence = `the options cannot be sent to the daemon: ${error.message}`;
      this.#fail(new StartError('CONFIG_INVALID', sentence, { cause: error, hint, phase: 'hello' }));
    }
  }

  #enter(phase: StartPhase): void {
    if (this.#phase === phase) return;
    this.#phase = phase;
    this.#settings.onPhase?.(phase, this.#child.pid);
  }

  #break(what: string, cause?: unknown): void {
    const hint =
      'See its last words: something besides the daemon may write to its output, or it is another program.';
    this.#fail(new StartError('PROTOCOL_ERROR', `the daemon ${what}`, { cause, hint, ...this.#seen() }));
  }

  #timeOut(what: string): void {
    const sentence = `the daemon ${what} while ${this.#phase} and was killed`;
    const hint = 'Try again on a less busy machine, or raise startTimeoutMs and startSilenceMs.';
    this.#fail(new StartError('START_TIMEOUT', sentence, { hint, ...this.#seen() }));
  }

  #died(exit: Exit): StartError {
    const sentence = `the daemon ${this.#child.describeEnd(exit)} while ${this.#phase}`;
    if (looksOutOfMemory(exit, this.#child.givenUp !== null)) {
      const hint = killHint(this.#child.oomSeen);
      return new StartError('OOM_SUSPECTED', sentence, { hint, exit, ...this.#seen() });
    }
    const hint = 'Run `npx pose-sidecar doctor`; its last words say more.';
    return new StartError('START_FAILED', sentence, { hint, exit, ...this.#seen() });
  }

  #seen(): { phase: StartPhase; stderrTail: string } {
    return { phase: this.#phase, stderrTail: this.#child.stderr.tail() };
  }

  #stop(): void {
    this.#stopTimeout();
    this.#silence.cancel();
    this.#leaveSignal();
  }
}
