/** Requests to the gateway: the key goes with them, and what goes wrong comes back as an ApiFailure. */
import { ApiFailure, failureOf, unreachable } from './failure.ts';
import { authorization, session } from './session.svelte.ts';
import type { FrameLine, Header, Job, Stats, Timeline } from './types.ts';

/** Throws ApiFailure, and the signal's reason when it was aborted. */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers: { ...authorization(), ...init.headers } });
  } catch (error) {
    if (init.signal?.aborted) throw init.signal.reason;
    throw unreachable(error);
  }
  if (response.ok) return response;
  if (response.status === 401) session.refuse();
  throw failureOf(response.status, await response.text().catch(() => ''));
}

async function ask<Answer>(path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await request(path, init);
  try {
    return (await response.json()) as Answer;
  } catch (error) {
    if (init.signal?.aborted) throw init.signal.reason;
    throw new ApiFailure(
      response.status,
      { code: 'ANSWER_CUT', error: 'the answer of the gateway was cut short', hint: 'Try again.' },
      error,
    );
  }
}

const job = (id: string) => `/v1/jobs/${encodeURIComponent(id)}`;

export function listJobs(limit: number, signal: AbortSignal): Promise<{ jobs: Job[]; after: string | null }> {
  return ask(`/v1/jobs?limit=${limit}`, { signal });
}

export function getJob(id: string, signal: AbortSignal): Promise<Job> {
  return ask(job(id), { signal });
}

export function cancelJob(id: string): Promise<Job> {
  return ask(job(id), { method: 'DELETE' });
}

export function retryJob(id: string): Promise<Job> {
  return ask(`${job(id)}/retry`, { method: 'POST' });
}

export function getStats(signal: AbortSignal): Promise<Stats> {
  return ask('/v1/stats', { signal });
}

/** Why the service cannot work, in words; null while it can. */
export async function whyNotReady(signal: AbortSignal): Promise<string | null> {
  const answer = await fetch('/readyz', { signal });
  return ((await answer.json()) as { reason: string | null }).reason;
}

export function getTimeline(id: string, signal: AbortSignal): Promise<Timeline> {
  return ask(`${job(id)}/timeline`, { signal });
}

/** Both ends included. */
export async function getFrames(
  id: string,
  from: number,
  to: number,
  signal: AbortSignal,
): Promise<{ header: Header; frames: FrameLine[] }> {
  return ask(`${job(id)}/frames?from=${from}&to=${to}`, { signal });
}

export type JobFile =
  | 'source'
  | 'overlay.mp4'
  | 'report'
  | 'poses.jsonl'
  | 'summary.json'
  | `exports/${'coco' | 'csv' | 'mot' | 'openpose'}`;

/** The address of a file for elements that cannot send a key; `ticket` as from `getTicket`. */
export function fileAddress(
  id: string,
  file: JobFile,
  ticket: string | null,
  query: Readonly<Record<string, string>> = {},
): string {
  const asked = new URLSearchParams(ticket === null ? query : { ...query, ticket }).toString();
  return `${job(id)}/${file}${asked === '' ? '' : `?${asked}`}`;
}

/** Null where the gateway asks for no key. */
export async function getTicket(id: string, signal: AbortSignal): Promise<string | null> {
  if (session.key === null) return null;
  const { ticket } = await ask<{ ticket: string }>(`${job(id)}/tickets`, { method: 'POST', signal });
  return ticket;
}
