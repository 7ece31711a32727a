/** A daemon in plain Node that speaks the real protocol and misbehaves on demand, one behaviour per fault. */
import { closeSync, writeSync } from 'node:fs';
import { type Frame, FrameReader } from '../wire/frame-reader.ts';
import { encodeFrame } from '../wire/frame-writer.ts';
import type { DaemonMessage, ProgressMessage, RequestMessage } from '../wire/generated/messages.ts';
import type { Behaviour } from './behaviours/behaviour.ts';
import { helloMessage, readyMessage, resultMessage } from './fake-messages.ts';
import type { Script } from './script.ts';

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const FOR_EVER_MS = 2 ** 31 - 1;

export class FakeDaemon {
  readonly script: Script;
  readonly #behaviour: Behaviour;
  readonly #later = new Map<number, NodeJS.Timeout>();
  /** Requests without an answer. */
  readonly #open = new Set<number>();
  /** Bytes of memory that it pretends to hold besides its own. */
  pretendedBytes = 0;
  #jsonMeta = true;
  #completed = 0;
  #draining = false;

  constructor(script: Script, behaviour: Behaviour) {
    this.script = script;
    this.#behaviour = behaviour;
  }

  /** Speak until the end of the input. */
  run(): void {
    const reader = new FrameReader((frame) => this.#take(frame));
    process.stdin.on('data', (chunk: Buffer) => reader.push(chunk));
    process.stdin.on('end', () => {
      if (this.#behaviour.onEndOfInput) this.#behaviour.onEndOfInput(this);
      else this.exit(0);
    });
    // The parent may be gone; a real daemon ends then, and so does this one at the end of its input.
    process.on('SIGINT', () => {});
    if (this.#behaviour.onStart) this.#behaviour.onStart(this);
    else this.sayHello();
  }

  /** The script's `x` as a number, whatever it counts. */
  get amount(): number {
    return Number(this.script.x ?? 0);
  }

  sayHello(): void {
    this.send(helloMessage(this.script.hello));
  }

  sayProgress(phase: ProgressMessage['phase']): void {
    this.send({ type: 'progress', phase, elapsed_ms: Math.round(performance.now()) });
  }

  sayReady(): void {
    this.send(readyMessage(this.script.ready));
  }

  /** Requests answered so far. */
  get completed(): number {
    return this.#completed;
  }

  answer(request: RequestMessage, persons = this.script.persons ?? 1): void {
    const { message, body } = resultMessage(request, persons);
    this.#completed += 1;
    this.send(message, body);
  }

  /** Answer after the script's `x` in milliseconds. */
  answerLater(request: RequestMessage, afterMs = this.amount): void {
    const timer = setTimeout(() => {
      this.answer(request);
      this.#forget(request.id);
    }, afterMs);
    this.#later.set(request.id, timer);
  }

  /** Answer a request that waits with CANCELLED, now. */
  dropLater(id: number): void {
    const timer = this.#later.get(id);
    if (timer === undefined) return;
    clearTimeout(timer);
    this.send({ type: 'error', id, code: 'CANCELLED', message: `request ${id} was cancelled` });
    this.#forget(id);
  }

  send(message: DaemonMessage, body?: Uint8Array): void {
    this.sendTogether([message], body);
  }

  fail(id: number, code: string): void {
    this.send({ type: 'error', id, code, message: 'the fake was told to fail', hint: 'Tell it otherwise.' });
  }

  /** Several messages in one write; the body belongs to the last. */
  sendTogether(messages: readonly DaemonMessage[], body: Uint8Array = new Uint8Array(0)): void {
    const heads = messages.map((message, index) => {
      const own = index === messages.length - 1 ? body : undefined;
      const { head } = encodeFrame(message, own, { jsonMeta: this.#jsonMeta });
      if (message.type === 'ready') this.#jsonMeta = false;
      if (message.type === 'result' || message.type === 'error') this.#open.delete(Number(message.id));
      return head;
    });
    this.sendRaw(Buffer.concat([...heads, body]));
  }

  /** Bytes as they are, whatever they mean. */
  sendRaw(bytes: Uint8Array): void {
    writeAll(STDOUT, bytes);
  }

  /** A line on standard error. */
  complain(line: string): void {
    writeAll(STDERR, Buffer.from(`${line}\n`));
  }

  /** End by a signal's name or an exit code; as the script's `x` says when nothing is said here. */
  die(x = this.script.x): void {
    if (typeof x === 'string') process.kill(process.pid, x as NodeJS.Signals);
    else this.exit(x ?? 1);
  }

  exit(exitCode: number): void {
    process.exit(exitCode);
  }

  /** Stopped, as by a debugger, until somebody continues or kills it. */
  freeze(): void {
    process.kill(process.pid, 'SIGSTOP');
  }

  /** Reads nothing, and the other side is told so. */
  closeInput(): void {
    process.stdin.destroy();
    closeSync(STDIN); // Node itself leaves it open
    this.stayAlive();
  }

  closeOutput(): void {
    closeSync(STDOUT);
    this.stayAlive();
  }

  stayAlive(): void {
    setTimeout(() => {}, FOR_EVER_MS);
  }

  #take({ message, body }: Frame): void {
    const { onInit, onRequest, onCancel, onDrain } = this.#behaviour;
    const request = message as unknown as RequestMessage;
    if (message.type === 'init') (onInit ?? sayReady)(this);
    else if (message.type === 'request') this.#work(request, body, onRequest ?? answer);
    else if (message.type === 'cancel') onCancel?.(this, Number(message.id));
    else if (message.type === 'drain') (onDrain ?? drain)(this);
    else if (message.type === 'ping') this.#pong(Number(message.seq));
  }

  #work(request: RequestMessage, body: Uint8Array, onRequest: NonNullable<Behaviour['onRequest']>): void {
    this.#open.add(request.id);
    onRequest(this, request, body);
  }

  /** Say BYE once nothing is left to answer later. */
  drain(): void {
    this.#draining = true;
    if (this.#later.size === 0) this.send({ type: 'bye', reason: 'drained', completed: this.#completed });
  }

  #forget(id: number): void {
    this.#later.delete(id);
    if (this.#draining) this.drain();
  }

  #pong(seq: number): void {
    const rss_bytes = process.memoryUsage.rss() + this.pretendedBytes;
    const [running_id = null] = this.#open;
    this.send({ type: 'pong', seq, rss_bytes, running_id, progress: this.#completed });
  }
}

const sayReady = (daemon: FakeDaemon) => daemon.sayReady();
const drain = (daemon: FakeDaemon) => daemon.drain();
const answer = (daemon: FakeDaemon, request: RequestMessage) => daemon.answer(request);

/** Blocks until everything is written, so that what is said before an end is heard. */
function writeAll(descriptor: number, bytes: Uint8Array): void {
  let at = 0;
  while (at < bytes.length) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}
