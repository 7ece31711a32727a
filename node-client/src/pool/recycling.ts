/** When a daemon that works is replaced by a fresh one, before it does harm. */

export interface RecycleLimits {
  /** Requests one daemon answers; 1 gives every request a process of its own. Infinity: no limit. */
  readonly afterRequests: number;
  /** Milliseconds since READY. Infinity: no limit. */
  readonly afterMs: number;
  /** Resident memory in bytes, native memory included. Infinity: no limit. */
  readonly maxRssBytes: number;
}

/** Ages are spread over this part of the limit, so that daemons that started together do not end together. */
const AGE_JITTER = 0.2;

export interface Wear {
  readonly sent: number;
  readonly ageMs: number;
  readonly rssBytes: number;
}

/** Why it is time, in words; null when it is not. */
export function whyRecycle(wear: Wear, limits: RecycleLimits): string | null {
  if (wear.sent >= limits.afterRequests) return `it has had ${wear.sent} requests`;
  if (wear.ageMs >= limits.afterMs) return `it is ${Math.round(wear.ageMs / 1000)} s old`;
  if (wear.rssBytes >= limits.maxRssBytes) {
    return `it holds ${toMegabytes(wear.rssBytes)} MB, over the limit of ${toMegabytes(limits.maxRssBytes)} MB`;
  }
  return null;
}

/** The limits of one daemon, its age drawn at random. */
export function drawLimits(limits: RecycleLimits, random: () => number): RecycleLimits {
  return { ...limits, afterMs: limits.afterMs * (1 - AGE_JITTER * random()) };
}

function toMegabytes(bytes: number): number {
  return Math.round(bytes / 1_000_000);
}
