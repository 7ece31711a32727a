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

/**
 * The difference between a daemon's clock and ours, from pings: the answer was on its way for half the round trip, and
 * the shortest round trip tells most.
 */
export class ClockAlignment {
  readonly #sentAtMs = new Map<number, number>();
  #bestRoundTripMs = Number.POSITIVE_INFINITY;
  #offsetMs: number | null = null;

  pinged(seq: number, nowMs: number): void {
    this.#sentAtMs.set(seq, nowMs);
  }

  ponged(seq: number, daemonUs: number | undefined, nowMs: number): void {
    const sentAtMs = this.#sentAtMs.get(seq);
    for (const earlier of this.#sentAtMs.keys()) if (earlier <= seq) this.#sentAtMs.delete(earlier);
    if (sentAtMs === undefined || daemonUs === undefined) return;
    const roundTripMs = nowMs - sentAtMs;
    if (roundTripMs > this.#bestRoundTripMs) return;
    this.#bestRoundTripMs = roundTripMs;
    this.#offsetMs = daemonUs / 1000 - (sentAtMs + nowMs) / 2;
  }

  /** A moment on the daemon's clock, in our milliseconds; null before the first answer. */
  toOurMs(daemonUs: number): number | null {
    return this.#offsetMs === null ? null : daemonUs / 1000 - this.#offsetMs;
  }
}
