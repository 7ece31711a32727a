/** When a request passed each point on its way, filled in while it is traced; and one clock for both processes. */

/** Milliseconds are those of `performance.now()`; null: it did not get that far. */
export interface Timeline {
  pid: number;
  sentAtMs: number;
  /** The pipe had taken all of it. */
  writtenAtMs: number | null;
  /** The daemon's clock when the header came, microseconds, and the stages that followed. */
  daemon: { readonly receivedUs: number; readonly stagesMs: Readonly<Record<string, number>> } | null;
  /** Its last message had been read. */
  answeredAtMs: number | null;
}

export function newTimeline(): Timeline {
  return { pid: 0, sentAtMs: 0, writtenAtMs: null, daemon: null, answeredAtMs: null };
}

/** A message there and one back, each end on its own clock. */
export interface Exchange {
  readonly sentAtMs: number;
  readonly receivedUs: number;
  readonly repliedUs: number;
  readonly answeredAtMs: number;
}

/**
 * The difference between a daemon's clock and ours. Of each exchange it is known only within the time both messages were
 * on their way, so the quickest exchange tells most. Source: D. Mills, RFC 5905 (NTP), section 8.
 */
export class ClockAlignment {
  readonly #pingedAtMs = new Map<number, number>();
  #leastOnTheWayMs = Number.POSITIVE_INFINITY;
  #offsetMs: number | null = null;

  pinged(seq: number, nowMs: number): void {
    this.#pingedAtMs.set(seq, nowMs);
  }

  ponged(seq: number, daemonUs: number | undefined, nowMs: number): void {
    const sentAtMs = this.#pingedAtMs.get(seq);
    for (const earlier of this.#pingedAtMs.keys()) if (earlier <= seq) this.#pingedAtMs.delete(earlier);
    if (sentAtMs === undefined || daemonUs === undefined) return;
    this.exchanged({ sentAtMs, receivedUs: daemonUs, repliedUs: daemonUs, answeredAtMs: nowMs });
  }

  exchanged({ sentAtMs, receivedUs, repliedUs, answeredAtMs }: Exchange): void {
    const onTheWayMs = answeredAtMs - sentAtMs - (repliedUs - receivedUs) / 1000;
    if (onTheWayMs > this.#leastOnTheWayMs) return;
    this.#leastOnTheWayMs = onTheWayMs;
    this.#offsetMs = (receivedUs / 1000 - sentAtMs + repliedUs / 1000 - answeredAtMs) / 2;
  }

  /** A moment on the daemon's clock, in our milliseconds; null before the first exchange. */
  toOurMs(daemonUs: number): number | null {
    return this.#offsetMs === null ? null : daemonUs / 1000 - this.#offsetMs;
  }
}
