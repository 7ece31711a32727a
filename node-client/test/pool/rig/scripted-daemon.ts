/** The real `Daemon`, with a process and a peer that the test plays. */

import type { Outbound } from '../../../src/process/connection.ts';
import { Daemon, type DaemonSettings } from '../../../src/process/daemon.ts';
import { helloMessage, readyMessage } from '../../../src/testing/fake-messages.ts';
import type { FakeClock } from '../../../src/testing/index.ts';
import type { PongMessage, ReadyMessage } from '../../../src/wire/generated/messages.ts';
import { WireError } from '../../../src/wire/wire-error.ts';
import { ScriptedProcess } from './scripted-process.ts';

export const RSS_BYTES = 100_000_000;

export interface Heard {
  readonly id: number;
  /** What the test calls it: `params.call`. */
  readonly call: number;
  readonly attempt: number;
  readonly deadlineMs: number;
}

export class ScriptedDaemon {
  readonly daemon: Daemon;
  readonly process: ScriptedProcess;
  /** Requests it has not answered, in the order in which they came. */
  readonly open: Heard[] = [];
  /** Every request it ever had. */
  readonly heard: Heard[] = [];
  /** Ids it was told to stop. */
  readonly cancelled = new Set<number>();
  /** Answers pings, or keeps silent. */
  answersPings = true;
  /** Stops cancelled work at once. */
  obeysCancel = false;
  /** Says BYE when it is told to drain and has nothing left. */
  obeysDrain = true;
  rssBytes = RSS_BYTES;
  pings = 0;
  #progress = 0;
  #draining = false;

  constructor(
    pid: number,
    clock: FakeClock,
    settings: Omit<DaemonSettings, 'clock'>,
    ready: Partial<ReadyMessage>,
  ) {
    this.process = new ScriptedProcess(pid, clock);
    const greeting = {
      hello: helloMessage({ pid }),
      ready: readyMessage({ rss_bytes: RSS_BYTES, ...ready }),
    };
    const connection = { send: (message: Outbound) => this.#hear(message) };
    this.daemon = new Daemon(this.process, connection, greeting, { ...settings, clock });
  }

  get isAlive(): boolean {
    return !this.process.gone;
  }

  /** Answer the oldest open request, or the one named. The result's width names the call. */
  answer(id = this.open[0]?.id): void {
    const request = this.#close(id);
    if (request)
      this.daemon.onMessage({ type: 'result', id: request.id, width: request.call }, new Uint8Array(0));
    this.#byeIfDone();
  }

  /** Answer the oldest open request, or the one named, with an error. */
  fail(code: string, id = this.open[0]?.id): void {
    const request = this.#close(id);
    if (request) this.#say(code, request.id);
    this.#byeIfDone();
  }

  crash(how: { exitCode: number } | { signal: NodeJS.Signals } = { signal: 'SIGSEGV' }): void {
    this.process.exit(how);
  }

  /** Bytes that are no message. */
  babble(): void {
    this.daemon.onFault(new WireError('BadMagic', 'a frame starts with f7 d1, got 6c6f6164 ("load")'));
  }

  pong(fields: Partial<PongMessage> = {}): void {
    const running_id = this.open[0]?.id ?? null;
    const { rssBytes: rss_bytes } = this;
    this.daemon.onMessage(
      { type: 'pong', seq: this.pings, rss_bytes, running_id, progress: this.#progress, ...fields },
      new Uint8Array(0),
    );
  }

  #hear(message: Outbound): void {
    if (message.type === 'request') this.#take(message);
    else if (message.type === 'cancel') queueMicrotask(() => this.#cancel(message.id));
    else if (message.type === 'drain') queueMicrotask(() => this.#drain());
    else if (message.type === 'ping') {
      this.pings += 1;
      if (this.answersPings) queueMicrotask(() => this.isAlive && this.pong());
    }
  }

  #take({ id, params, attempt, deadline_ms }: Outbound & { type: 'request' }): void {
    const call = Number((params as { call?: number }).call);
    const heard = { id, call, attempt: attempt ?? 0, deadlineMs: deadline_ms ?? 0 };
    this.heard.push(heard);
    this.open.push(heard);
  }

  #cancel(id: number): void {
    this.cancelled.add(id);
    if (this.isAlive && this.obeysCancel) this.fail('CANCELLED', id);
  }

  #drain(): void {
    this.#draining = true;
    this.#byeIfDone();
  }

  #byeIfDone(): void {
    if (!this.#draining || !this.obeysDrain || this.open.length > 0 || !this.isAlive) return;
    this.daemon.onMessage({ type: 'bye', reason: 'drained' }, new Uint8Array(0));
  }

  #close(id: number | undefined): Heard | undefined {
    const at = this.open.findIndex((request) => request.id === id);
    this.#progress += 1;
    return at < 0 ? undefined : this.open.splice(at, 1)[0];
  }

  #say(code: string, id: number): void {
    this.daemon.onMessage({ type: 'error', id, code, message: `told to say ${code}` }, new Uint8Array(0));
  }
}
