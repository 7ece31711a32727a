/** How long to wait before the next start, so that daemons that died together do not start together. */

export const BACKOFF_FIRST_MS = 250;
export const BACKOFF_MAX_MS = 30_000;

/**
 * Full jitter: anything from 0 to a ceiling that doubles with every failure in a row after the first.
 * Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export function backoffMs(failuresInARow: number, random: () => number): number {
  const ceiling = Math.min(
    BACKOFF_MAX_MS,
    BACKOFF_FIRST_MS * 2 ** Math.min(Math.max(0, failuresInARow - 1), 16),
  );
  return random() * ceiling;
}
