/** Gray failure: a daemon that answers, and answers every request with an error where others succeed. */

/** Errors in a row after which a daemon is compared with the others, and after which it goes even if it is alone. */
export const ERRORS_TO_COMPARE = 5;
export const ERRORS_TO_GO = 20;

/** What a sick daemon answers; errors of the caller's making, such as an image that cannot be decoded, are none of these. */
const SICK_CODES: ReadonlySet<string> = new Set(['INFERENCE_FAILED', 'INTERNAL', 'NO_RESOURCES']);

/** Keeps the record of one daemon. */
export class GrayRecord {
  #errorsInARow = 0;
  #lastSuccessMs = Number.NEGATIVE_INFINITY;
  #streakSinceMs = 0;

  succeeded(nowMs: number): void {
    this.#errorsInARow = 0;
    this.#lastSuccessMs = nowMs;
  }

  failed(code: string, nowMs: number): void {
    if (!SICK_CODES.has(code)) return;
    if (this.#errorsInARow === 0) this.#streakSinceMs = nowMs;
    this.#errorsInARow += 1;
  }

  /** Why it shall be replaced; null when it shall not. `others` are the records of the daemons beside it. */
  verdict(others: Iterable<GrayRecord>): string | null {
    if (this.#errorsInARow < ERRORS_TO_COMPARE) return null;
    for (const other of others) {
      if (other !== this && other.#lastSuccessMs > this.#streakSinceMs) {
        return `its last ${this.#errorsInARow} requests failed while another daemon answered its own`;
      }
    }
    // Alone, the inputs may be at fault; a fresh process tells.
    return this.#errorsInARow >= ERRORS_TO_GO ? `its last ${this.#errorsInARow} requests failed` : null;
  }
}
