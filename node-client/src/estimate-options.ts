/** Options of one `estimate` call. */
import { PoseError } from './errors.ts';
import {
  isNumber,
  isTrace,
  MAX_TIMER_MS,
  MAX_TRACE_CHARACTERS,
  shown,
  unknownNames,
} from './option-checks.ts';

/** Per-call settings of `estimate`. */
export interface EstimateOptions {
  /** Rejects the call at once with ABORTED; the daemon is told to stop. */
  signal?: AbortSignal;
  /** Milliseconds for this call, queueing included. */
  deadlineMs?: number;
  /** Persons with a lower score are left out, from 0 to 1. */
  minScore?: number;
  /** Send the triangles of the meshes along. They are the same in every result: ask once. Default: false. */
  faces?: boolean;
  /** W3C traceparent; stands in the daemon's log lines. */
  trace?: string;
}

const ESTIMATE_OPTION_NAMES: ReadonlySet<string> = new Set<keyof EstimateOptions>([
  'signal',
  'deadlineMs',
  'minScore',
  'faces',
  'trace',
]);

/** Throws INVALID_REQUEST with every problem at once. */
export function checkEstimateOptions(options: EstimateOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw new PoseError(
      'INVALID_REQUEST',
      `the options of estimate must be an object, got ${shown(options)}`,
    );
  }
  const { deadlineMs, minScore, faces, signal, trace } = options;
  const problems = unknownNames(options, ESTIMATE_OPTION_NAMES);
  if (deadlineMs !== undefined && !(isNumber(deadlineMs) && deadlineMs > 0 && deadlineMs <= MAX_TIMER_MS)) {
    problems.push(`deadlineMs must be a number over 0 and at most ${MAX_TIMER_MS}, got ${shown(deadlineMs)}`);
  }
  if (minScore !== undefined && !(isNumber(minScore) && minScore >= 0 && minScore <= 1)) {
    problems.push(`minScore must be a number from 0 to 1, got ${shown(minScore)}`);
  }
  if (faces !== undefined && typeof faces !== 'boolean') {
    problems.push(`faces must be true or false, got ${shown(faces)}`);
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    problems.push(`signal must be an AbortSignal, got ${shown(signal)}`);
  }
  if (trace !== undefined && !isTrace(trace)) {
    problems.push(
      `trace must be a string of at most ${MAX_TRACE_CHARACTERS} characters, got ${shown(trace)}`,
    );
  }
  if (problems.length > 0) throw new PoseError('INVALID_REQUEST', problems.join('; '));
}
