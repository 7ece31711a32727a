/** What the pool does, asked for again and again while the page is looked at. */
import { getStats, whyNotReady } from '../api/client.ts';
import { problemOf } from '../api/failure.ts';
import { session } from '../api/session.svelte.ts';
import type { Problem, Stats } from '../api/types.ts';

const EVERY_MS = 2_000;

class PoolState {
  stats: Stats | null = $state(null);
  /** Why nothing can be done, in words. */
  reason: string | null = $state(null);
  problem: Problem | null = $state(null);

  /** Ask until the returned function is called. */
  watch(): () => void {
    const end = new AbortController();
    const ask = async () => {
      if (document.hidden || session.refusal !== null) return;
      try {
        this.stats = await getStats(end.signal);
        const isAtWork = this.stats.availability === 'ready';
        this.reason = isAtWork ? null : await whyNotReady(end.signal);
        this.problem = null;
      } catch (failure) {
        if (!end.signal.aborted) this.problem = problemOf(failure);
      }
    };
    const timer = setInterval(ask, EVERY_MS);
    document.addEventListener('visibilitychange', ask, { signal: end.signal });
    void ask();
    return () => {
      clearInterval(timer);
      end.abort();
    };
  }
}

export const pool = new PoolState();
