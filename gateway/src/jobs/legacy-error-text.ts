/** Error texts as the previous service's clients know them. */
import type { JobFailure } from './job.ts';

const LIMIT = /(\d+) ?ms/;
const ABSENT = /^(.+) does not exist$/;

/** The text for the `error` field of an old answer: literal for what the old service had a text for. */
export function legacyErrorText({ code, message }: Pick<JobFailure, 'code' | 'message'>): string {
  const limitMs = LIMIT.exec(message)?.[1];
  if (code === 'DEADLINE_EXCEEDED' && limitMs !== undefined)
    return `Processing timeout (exceeded ${limitMs}ms)`;
  const path = ABSENT.exec(message)?.[1];
  if (code === 'DECODE_FAILED' && path !== undefined) return `Video file not found: ${path}`;
  return message;
}
