/** What a worker is doing, in words. */
import type { WorkerStats } from '../api/types.ts';
import { bytesInWords, durationInWords } from '../page/words.ts';

export type Mood = 'good' | 'busy' | 'bad' | 'waiting';

/** Every state of a worker: how it looks, and what it does when nothing is in hand. */
export const STATES: Readonly<Record<string, { readonly mood: Mood; readonly doing: string }>> = {
  spawning: { mood: 'waiting', doing: 'starting' },
  hello: { mood: 'waiting', doing: 'starting' },
  importing: { mood: 'waiting', doing: 'importing its packages' },
  loading: { mood: 'waiting', doing: 'loading its models' },
  warming: { mood: 'waiting', doing: 'warming up' },
  ready: { mood: 'good', doing: 'idle' },
  busy: { mood: 'busy', doing: 'at work' },
  unresponsive: { mood: 'bad', doing: 'does not answer' },
  draining: { mood: 'waiting', doing: 'finishing' },
  exited: { mood: 'bad', doing: 'ended' },
  backoff: { mood: 'bad', doing: 'waiting to start again' },
  broken: { mood: 'bad', doing: 'cannot be started' },
};

export function moodOf({ state }: Pick<WorkerStats, 'state'>): Mood {
  return STATES[state]?.mood ?? 'waiting';
}

export function doingOf({ state, in_flight }: Pick<WorkerStats, 'state' | 'in_flight'>): string {
  const doing = STATES[state]?.doing ?? state;
  if (in_flight === 0) return doing;
  const hand = `${in_flight} ${in_flight === 1 ? 'request' : 'requests'} in hand`;
  return state === 'ready' || state === 'busy' ? hand : `${doing}, ${hand}`;
}

export function factsOf({ estimator, device, rss_bytes, uptime_s, restarts }: WorkerStats): string {
  const facts = [
    estimator === null ? null : `${estimator}${device === null ? '' : ` on ${device}`}`,
    rss_bytes === null ? null : bytesInWords(rss_bytes),
    uptime_s === null ? null : `up ${durationInWords(uptime_s)}`,
    restarts === 0 ? null : `started anew ${restarts} ${restarts === 1 ? 'time' : 'times'}`,
  ];
  return facts.filter((fact) => fact !== null).join(' · ');
}
