/** What a job may be asked for, as JSON and as fields of a form. */
import { Refusal } from '../refusal.ts';

export interface JobRequest {
  readonly video_path?: string;
  readonly priority?: number;
  readonly overlay?: boolean;
  readonly force?: boolean;
  readonly min_score?: number;
  readonly effort?: string;
  readonly timeout_ms?: number;
  readonly assemble?: {
    readonly clean?: string;
    readonly max_gap_s?: number;
    readonly extrapolate_s?: number;
    readonly keep_raw?: boolean;
  };
}

const MAX_PRIORITY = 100;
const MAX_TIMER_MS = 2 ** 31 - 1;

export const JOB_BODY = {
  type: 'object',
  required: ['video_path'],
  additionalProperties: false,
  properties: {
    video_path: {
      type: 'string',
      minLength: 1,
      description: 'as this machine sees it, under one of its roots',
    },
    priority: {
      type: 'integer',
      minimum: -MAX_PRIORITY,
      maximum: MAX_PRIORITY,
      description: 'higher is earlier; default 0',
    },
    overlay: { type: 'boolean', description: 'draw people into a copy of the video; default true' },
    force: { type: 'boolean', description: 'work even if the result is there already; default false' },
    min_score: { type: 'number', minimum: 0, maximum: 1, description: 'default 0.5' },
    effort: { enum: ['thorough', 'fast', 'mediapipe'], description: 'default thorough' },
    timeout_ms: {
      type: 'integer',
      minimum: 1,
      maximum: MAX_TIMER_MS,
      description: 'for one attempt; default: no limit',
    },
    assemble: {
      type: 'object',
      additionalProperties: false,
      properties: {
        clean: { enum: ['hampel+smooth', 'smooth', 'hampel', 'none'] },
        max_gap_s: { type: 'number', minimum: 0 },
        extrapolate_s: { type: 'number', minimum: 0 },
        keep_raw: { type: 'boolean' },
      },
    },
  },
} as const;

/** Checked field by field once the form has been read; there is no body before that. */
export const JOB_FORM = {
  type: 'object',
  nullable: true,
  description: 'the fields of the JSON body but video_path and assemble, and the file',
  properties: {
    video: { type: 'string', format: 'binary' },
    role: { type: 'string' },
    priority: { type: 'string' },
    overlay: { enum: ['true', 'false'] },
    force: { enum: ['true', 'false'] },
    min_score: { type: 'string' },
    effort: { type: 'string' },
    timeout_ms: { type: 'string' },
  },
} as const;

/** Of `pool.processVideo`. */
export function jobOptions(asked: JobRequest): Readonly<Record<string, unknown>> {
  const { overlay, force, min_score: minScore, effort, timeout_ms: timeoutMs, assemble } = asked;
  return defined({
    overlay,
    force,
    minScore,
    effort,
    timeoutMs,
    assemble:
      assemble &&
      defined({
        clean: assemble.clean,
        maxGapS: assemble.max_gap_s,
        extrapolateS: assemble.extrapolate_s,
        keepRaw: assemble.keep_raw,
      }),
  });
}

/** Fields of a form that are no text. */
const FIELDS: Readonly<Record<string, 'number' | 'boolean' | 'text'>> = {
  priority: 'number',
  overlay: 'boolean',
  force: 'boolean',
  min_score: 'number',
  effort: 'text',
  timeout_ms: 'number',
};

/** Throws INVALID_REQUEST with every problem at once. Ranges are checked as those of JSON. */
export function requestOfForm(
  fields: Readonly<Record<string, string>>,
  check: (asked: object) => string | null,
): JobRequest {
  const problems: string[] = [];
  const entries = Object.entries(fields)
    .filter(([name]) => name !== 'role')
    .map(([name, value]) => {
      const kind = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
      if (kind === undefined) problems.push(`there is no field ${name.slice(0, 60)}`);
      if (kind === 'number') return [name, value.trim() === '' ? Number.NaN : Number(value)];
      if (kind === 'boolean') return [name, value === 'true' ? true : value === 'false' ? false : value];
      return [name, value];
    });
  const asked = Object.fromEntries(entries) as JobRequest;
  const misfit = check({ ...asked, video_path: 'uploaded' });
  if (problems.length === 0 && misfit !== null) problems.push(misfit);
  if (problems.length > 0)
    throw new Refusal('INVALID_REQUEST', problems.join('; '), { hint: 'See /openapi.json.' });
  return asked;
}

function defined(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
