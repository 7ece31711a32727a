/** What an answered call spent its time on, for those who measure. */
import type { Timeline } from '../process/timeline.ts';
import type { Call } from './call.ts';

/** A call that has come back from a daemon. All times in milliseconds. */
export interface Answered {
  /** `estimate`, `video_plan`, `video_segment`, … */
  readonly op: string;
  /** False when the daemon answered with an error, or was lost. */
  readonly ok: boolean;
  /** From 1; a call that lost its daemon comes back several times. */
  readonly attempt: number;
  /** In the pool's queue, and with daemons that were lost. */
  readonly queueMs: number;
  /** Between the processes: all that neither waits nor works. */
  readonly wireMs: number;
  /** Per stage inside the daemon; empty when it said nothing. */
  readonly stagesMs: Readonly<Record<string, number>>;
}

export function toAnswered(
  { work, enteredAtMs, history }: Pick<Call, 'work' | 'enteredAtMs' | 'history'>,
  { sentAtMs, answeredAtMs, daemon }: Timeline,
  ok: boolean,
): Answered {
  const { total = 0, ...stagesMs } = daemon?.stagesMs ?? {};
  return {
    op: work.op,
    ok,
    attempt: history.dispatches,
    queueMs: Math.max(0, sentAtMs - enteredAtMs),
    wireMs: Math.max(0, (answeredAtMs ?? sentAtMs) - sentAtMs - total),
    stagesMs,
  };
}
