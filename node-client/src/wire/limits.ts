/** What one peer accepts from the other; both check, the receiver before it allocates. */

export interface Limits {
  /** Encoded meta of one frame. */
  readonly metaBytes: number;
  /** Body of one frame. */
  readonly bodyBytes: number;
  /** Nesting of maps and arrays; the message itself is depth 1. */
  readonly depth: number;
}

/** No configuration may raise a body above this: beyond it the peer is broken, not busy. */
export const HARD_BODY_BYTES = 256 * 1024 * 1024;

export const DEFAULT_LIMITS: Limits = { metaBytes: 256 * 1024, bodyBytes: 32 * 1024 * 1024, depth: 32 };
