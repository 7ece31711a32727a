/** What a behaviour may change: each hook replaces what an honest daemon does at that point. */
import type { RequestMessage } from '../../wire/generated/messages.ts';
import type { FakeDaemon } from '../fake-daemon.ts';

export interface Behaviour {
  /** What it does, for the list of behaviours; X stands for the script's `x`. */
  readonly does: string;
  /** Instead of HELLO. */
  readonly onStart?: (daemon: FakeDaemon) => void;
  /** Instead of READY. */
  readonly onInit?: (daemon: FakeDaemon) => void;
  /** Instead of a result. */
  readonly onRequest?: (daemon: FakeDaemon, request: RequestMessage, body: Uint8Array) => void;
  /** Instead of nothing: an honest fake has answered by then. */
  readonly onCancel?: (daemon: FakeDaemon, id: number) => void;
  /** Instead of BYE. */
  readonly onDrain?: (daemon: FakeDaemon) => void;
  /** Instead of exit code 0. */
  readonly onEndOfInput?: (daemon: FakeDaemon) => void;
}
