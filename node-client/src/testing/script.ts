/** What a scripted daemon is told to do. */
import type { HelloMessage, ReadyMessage } from '../wire/generated/messages.ts';
import type { BehaviourName } from './behaviours/index.ts';

/** The daemon's part in a test, as JSON on its command line. */
export interface Script {
  readonly behaviour: BehaviourName;
  /** What the behaviour's description calls X: milliseconds, a signal, an exit code. */
  readonly x?: string | number;
  /** Instead of the usual fields of HELLO. */
  readonly hello?: Partial<HelloMessage>;
  /** Instead of the usual fields of READY. */
  readonly ready?: Partial<ReadyMessage>;
  /** People in every picture. Default 1. */
  readonly persons?: number;
}
