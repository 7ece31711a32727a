/** A unit of work for a daemon, whatever its operation, and what comes back. */
import type { PoseError } from '../errors.ts';
import type { PartMessage, ReadyMessage, ResultMessage } from '../wire/generated/messages.ts';
import type { Timeline } from './timeline.ts';

export interface Work<Value> {
  readonly op: string;
  /** As the wire calls them; the daemon checks them. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly body: Uint8Array;
  /** Turn the daemon's answer into a value. Throws WireError when it does not fit. */
  read(message: ResultMessage, body: Uint8Array<ArrayBuffer>, ready: ReadyMessage): Value;
  /** A piece of the answer, before it. */
  onPart?(message: PartMessage, body: Uint8Array<ArrayBuffer>): void;
}

/** One sending of a piece of work. */
export interface Dispatch {
  /** Milliseconds the daemon has for it. */
  readonly deadlineMs: number;
  /** From 1. */
  readonly attempt: number;
  readonly trace?: string | undefined;
  /** To be filled in while the pool is traced. */
  readonly timeline?: Timeline | undefined;
}

/** How a daemon's end met a request. */
export interface Loss {
  /** It was being worked on, not waiting behind another. */
  readonly wasRunning: boolean;
  /** The daemon died of itself; false when we ended it because another request was cancelled. */
  readonly isCrash: boolean;
}

export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: PoseError; readonly loss: Loss | null };

/** A request in flight. */
export interface Sent {
  /** Ask the daemon to stop. Its credit stays spent until the daemon's last word on it. */
  cancel(reason: string): void;
}
