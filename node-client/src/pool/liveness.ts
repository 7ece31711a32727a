/** Is a daemon still there, and does its work get on? Asked by ping, judged with our own punctuality. */

import type { Clock, Timer } from '../clock.ts';
import type { PongMessage } from '../wire/generated/messages.ts';

/** Pings without an answer after which it gets no new work, and after which it is given up. */
export const MISSED_TO_SUSPEND = 2;
export const MISSED_TO_GIVE_UP = 3;

export interface LivenessSettings {
  readonly heartbeatMs: number;
  /** Milliseconds one request may run without a step of progress. */
  readonly stallTimeoutMs: number;
}

export interface Patient {
  ping(): void;
  onSilent(missed: number): void;
  onRecovered(): void;
  /** It shall be ended, for this reason. */
  onGivenUp(reason: string): void;
}

interface Standstill {
  readonly runningId: number;
  readonly progress: number;
  readonly sinceMs: number;
}

export class Liveness {
  readonly #clock: Clock;
  readonly #settings: LivenessSettings;
  readonly #patient: Patient;
  #timer: Timer;
  #dueAtMs: number;
  #missed = 0;
  #isSilent = false;
  #answered = true;
  #standstill: Standstill | null = null;

  constructor(clock: Clock, settings: LivenessSettings, patient: Patient) {
    this.#clock = clock;
    this.#settings = settings;
    this.#patient = patient;
    this.#dueAtMs = clock.nowMs() + settings.heartbeatMs;
    this.#timer = clock.after(settings.heartbeatMs, () => this.#beat());
  }

  onPong({ running_id: runningId, progress }: PongMessage): void {
    this.#answered = true;
    this.#missed = 0;
    if (this.#isSilent) {
      this.#isSilent = false;
      this.#patient.onRecovered();
    }
    const before = this.#standstill;
    if (runningId === null) this.#standstill = null;
    else if (before?.runningId !== runningId || before.progress !== progress) {
      this.#standstill = { runningId, progress, sinceMs: this.#clock.nowMs() };
    }
  }

  stop(): void {
    this.#timer.cancel();
  }

  #beat(): void {
    const { heartbeatMs, stallTimeoutMs } = this.#settings;
    const nowMs = this.#clock.nowMs();
    // Late ourselves, by a busy event loop or a suspended machine: its answers may lie unread.
    const isLate = nowMs - this.#dueAtMs > heartbeatMs / 2;
    this.#dueAtMs = nowMs + heartbeatMs;
    this.#timer = this.#clock.after(heartbeatMs, () => this.#beat());
    if (isLate) {
      this.#missed = 0;
      if (this.#standstill) this.#standstill = { ...this.#standstill, sinceMs: nowMs };
    } else if (!this.#answered) {
      this.#missed += 1;
    }
    const stillMs = this.#standstill === null ? 0 : nowMs - this.#standstill.sinceMs;
    if (this.#missed >= MISSED_TO_GIVE_UP) {
      this.#giveUp(`it left ${this.#missed} pings unanswered, ${heartbeatMs} ms apart`);
      return;
    }
    if (stillMs >= stallTimeoutMs) {
      const seconds = Math.round(stillMs / 1000);
      this.#giveUp(`request ${this.#standstill?.runningId} made no progress for ${seconds} s`);
      return;
    }
    if (this.#missed >= MISSED_TO_SUSPEND) {
      this.#isSilent = true;
      this.#patient.onSilent(this.#missed);
    }
    this.#answered = false;
    this.#patient.ping();
  }

  #giveUp(reason: string): void {
    this.stop();
    this.#patient.onGivenUp(reason);
  }
}
