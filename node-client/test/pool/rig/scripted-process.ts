/** A process that is none: it ends when the test says so, or when it is signalled. */

import type { DaemonProcess } from '../../../src/process/daemon.ts';
import { describeExit, type Exit } from '../../../src/process/exit.ts';
import type { FakeClock } from '../../../src/testing/index.ts';

export class ScriptedProcess implements DaemonProcess {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  readonly stderr = { tail: () => '' };
  readonly stdin = { end: () => this.#endOfInput() };
  givenUp: string | null = null;
  oomSeen: boolean | null = null;
  leaked = false;
  gone = false;
  /** Hangs in the kernel: signals do nothing. */
  isStuck = false;
  /** Ends at the end of its input. */
  obeysEndOfInput = true;
  readonly signals: string[] = [];
  readonly #clock: FakeClock;
  readonly #startedAtMs: number;
  readonly #exit = Promise.withResolvers<Exit>();

  constructor(pid: number, clock: FakeClock) {
    this.pid = pid;
    this.#clock = clock;
    this.#startedAtMs = clock.nowMs();
    this.exited = this.#exit.promise;
  }

  get uptimeMs(): number {
    return this.#clock.nowMs() - this.#startedAtMs;
  }

  exit(exit: Partial<Exit>): void {
    this.gone = true;
    this.#exit.resolve({ exitCode: null, signal: null, ...exit });
  }

  /** As the real one after ABANDON_MS. */
  abandon(): void {
    this.leaked = true;
    this.exit({});
  }

  kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.signals.push(signal);
    if (!this.isStuck && !this.gone) this.exit({ signal });
  }

  giveUp(reason: string): void {
    if (this.gone) return;
    this.givenUp ??= reason;
    this.kill('SIGKILL');
  }

  expectExit(symptom: string): void {
    this.#clock.after(250, () => this.giveUp(symptom));
  }

  describeEnd(exit: Exit): string {
    return this.givenUp === null ? describeExit(exit, this.oomSeen) : `was killed because ${this.givenUp}`;
  }

  keepsHostAwake(): void {}

  #endOfInput(): void {
    if (this.obeysEndOfInput && !this.gone) this.exit({ exitCode: 0 });
  }
}
