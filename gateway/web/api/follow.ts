/** A job as it changes. With fetch, as an EventSource cannot send a key. */
import { request } from './client.ts';
import { parseEvents } from './event-text.ts';
import { ApiFailure } from './failure.ts';
import type { Job, Progress } from './types.ts';

/** Milliseconds before the next try; they double up to the last. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8_000;
/** Characters of an event without an end, after which the stream is not one of ours. */
const MAX_PENDING = 1024 * 1024;

export interface Follower {
  state(job: Job): void;
  progress(progress: Progress): void;
  /** Called for every try that fails; the next one follows. */
  lost(failure: unknown): void;
}

const OVER: readonly string[] = ['completed', 'failed', 'cancelled'];

/** Resolves when the job is over, or gone, or the signal aborts. */
export async function followJob(id: string, follower: Follower, signal: AbortSignal): Promise<void> {
  let lastId = '';
  let waitMs = FIRST_WAIT_MS;
  while (!signal.aborted) {
    try {
      const headers = lastId === '' ? {} : { 'last-event-id': lastId };
      const response = await request(`/v1/jobs/${encodeURIComponent(id)}/events`, { headers, signal });
      for await (const { id: eventId, event, data } of eventsOf(response)) {
        lastId = eventId;
        waitMs = FIRST_WAIT_MS;
        if (event === 'progress') follower.progress(JSON.parse(data) as Progress);
        if (event !== 'state') continue;
        const job = JSON.parse(data) as Job;
        follower.state(job);
        if (OVER.includes(job.state)) return;
      }
      if (response.status === 204) return;
    } catch (failure) {
      if (signal.aborted) return;
      follower.lost(failure);
      if (failure instanceof ApiFailure && (failure.status === 404 || failure.status === 401)) return;
    }
    await pause(waitMs, signal);
    waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
  }
}

async function* eventsOf(response: Response) {
  if (response.body === null) return;
  let pending = '';
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      const { events, rest } = parseEvents(pending + piece.value);
      if (rest.length > MAX_PENDING) throw new Error('an event of the gateway has no end');
      pending = rest;
      yield* events;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const stop = () => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener('abort', stop, { once: true });
  });
}
