/** Checks and completes what is submitted, so that inside nothing is optional. */

import type { NewJob } from './job.ts';
import { JobError } from './job-error.ts';

export type ResolvedNewJob = Required<NewJob>;

/** Priorities go from minus this to this. */
export const MAX_PRIORITY = 100;
/** Characters of a path, and of the texts beside it. */
export const MAX_PATH_LENGTH = 4_096;
export const MAX_TEXT_LENGTH = 255;
/** Characters of the options as JSON. */
export const MAX_OPTIONS_LENGTH = 16_384;

/** Throws INVALID_REQUEST with every problem at once. */
export function resolveNewJob({
  videoPath,
  priority = 0,
  originalName = null,
  role = null,
  options = {},
  idempotencyKey = null,
  trace = null,
}: NewJob): ResolvedNewJob {
  const problems: string[] = [];
  if (!isText(videoPath, MAX_PATH_LENGTH))
    problems.push(`videoPath must be a path of 1 to ${MAX_PATH_LENGTH} characters, got ${shown(videoPath)}`);
  if (!Number.isInteger(priority) || Math.abs(priority) > MAX_PRIORITY)
    problems.push(
      `priority must be an integer from -${MAX_PRIORITY} to ${MAX_PRIORITY}, got ${shown(priority)}`,
    );
  for (const [name, value] of Object.entries({ originalName, role, idempotencyKey, trace })) {
    if (value !== null && !isText(value, MAX_TEXT_LENGTH))
      problems.push(`${name} must be a text of 1 to ${MAX_TEXT_LENGTH} characters, got ${shown(value)}`);
  }
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    problems.push(`options must be an object, got ${shown(options)}`);
  else if ((asJson(options)?.length ?? Number.POSITIVE_INFINITY) > MAX_OPTIONS_LENGTH)
    problems.push(`options must be JSON of at most ${MAX_OPTIONS_LENGTH} characters`);
  if (problems.length > 0) throw new JobError('INVALID_REQUEST', problems.join('; '));
  return { videoPath, priority, originalName, role, options, idempotencyKey, trace };
}

/** Does a job that has the key of `asked` do what is asked? */
export function isSameRequest(
  job: Pick<ResolvedNewJob, 'videoPath' | 'role' | 'options'>,
  asked: ResolvedNewJob,
): boolean {
  return (
    job.videoPath === asked.videoPath &&
    job.role === asked.role &&
    sorted(job.options) === sorted(asked.options)
  );
}

/** Lone surrogates and NUL would not come back from a database as they went in. */
function isText(value: unknown, maxLength: number): value is string {
  return (
    typeof value === 'string' &&
    value !== '' &&
    value.length <= maxLength &&
    !value.includes('\0') &&
    value.isWellFormed()
  );
}

function asJson(value: object): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined; // a cycle or a bigint
  }
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
