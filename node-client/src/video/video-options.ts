/** Options of `pool.video` and `pool.processVideo`. */
import { resolve } from 'node:path';
import { PoseError } from '../errors.ts';
import {
  isNamedValues,
  isNumber,
  isTrace,
  isTrue,
  MAX_TIMER_MS,
  MAX_TRACE_CHARACTERS,
  shown,
  unknownNames,
} from '../option-checks.ts';

export const EFFORTS = ['thorough', 'fast', 'mediapipe'] as const;
export type Effort = (typeof EFFORTS)[number];

/** How people are linked, filled and cleaned; see the Python half's `AssembleOptions`. */
export interface AssembleOptions {
  /** Default: hampel+smooth. */
  clean?: 'hampel+smooth' | 'smooth' | 'hampel' | 'none';
  /** Seconds of absence that are filled. Default: 1. */
  maxGapS?: number;
  /** Seconds that people go on before their first and after their last sighting. Default: 0. */
  extrapolateS?: number;
  /** Keep each sighting's keypoints as they were found beside the cleaned ones. Default: false. */
  keepRaw?: boolean;
}

export interface VideoProgress {
  /** Frames in which people were looked for. */
  readonly done: number;
  /** Null while nobody knows. */
  readonly total: number | null;
  /** Frames per second over the last seconds; 0 before that is known. */
  readonly fps: number;
  /** Seconds left at this speed; null while nobody knows. */
  readonly leftS: number | null;
  /**
   * Grows while frames are put into the result and its last files are written: it goes on after `done`, for long
   * where drawing takes longer than finding people.
   */
  readonly finishing?: number;
  /** Grows while a long video is read through, before the first frame. */
  readonly preparing?: number;
}

export interface VideoOptions {
  signal?: AbortSignal;
  onProgress?: (progress: VideoProgress) => void;
  /** Folder of all results. Default: the cache's, which is bounded in size and age. */
  out?: string;
  /** Draw people into a copy of the source, overlay.mp4. Default: false for `video`, true for `processVideo`. */
  overlay?: boolean;
  /** Work even if the result is there already. Default: false. */
  force?: boolean;
  /** Persons who never score as much are left out, from 0 to 1. Default: 0.5. */
  minScore?: number;
  /** Work per frame; `fast` interpolates every other one of one person who moves steadily. Default: thorough. */
  effort?: Effort;
  assemble?: AssembleOptions;
  /** Milliseconds for the whole video. Default: POSE_TIMEOUT_MS, or none: a video ends when it makes no progress. */
  timeoutMs?: number;
  /** Seconds; a longer video is refused with VIDEO_TOO_LONG before it is worked on. Default: no limit. */
  maxDurationS?: number;
  /** W3C traceparent; stands in the daemons' log lines. */
  trace?: string;
}

export interface ResolvedVideoOptions {
  readonly signal: AbortSignal | undefined;
  readonly trace: string | undefined;
  readonly onProgress: (progress: VideoProgress) => void;
  readonly timeoutMs: number | undefined;
  /** Parameters of `video_plan`. */
  readonly params: Readonly<Record<string, unknown>> & { readonly overlay: boolean; readonly force: boolean };
}

const NAMES: ReadonlySet<string> = new Set<keyof VideoOptions>([
  'signal',
  'onProgress',
  'out',
  'overlay',
  'force',
  'minScore',
  'effort',
  'assemble',
  'timeoutMs',
  'maxDurationS',
  'trace',
]);

/** As the wire calls them. */
const ASSEMBLE_NAMES: Readonly<Record<keyof AssembleOptions, string>> = {
  clean: 'clean',
  maxGapS: 'max_gap_s',
  extrapolateS: 'extrapolate_s',
  keepRaw: 'keep_raw',
};

/** Throws INVALID_REQUEST with every problem at once; ranges the daemon checks. */
export function resolveVideoOptions(
  options: VideoOptions,
  overlayByDefault: boolean,
  host: NodeJS.ProcessEnv = process.env,
): ResolvedVideoOptions {
  if (!isNamedValues(options)) {
    throw new PoseError('INVALID_REQUEST', `the options of a video must be an object, got ${shown(options)}`);
  }
  const {
    signal,
    onProgress,
    out,
    overlay,
    force,
    minScore,
    effort,
    assemble = {},
    timeoutMs,
    maxDurationS,
    trace,
  } = options;
  const problems = unknownNames(options, NAMES);
  const flag = (name: string, value: unknown, fallback: boolean) => {
    if (value === undefined || typeof value === 'boolean') return value ?? fallback;
    problems.push(`${name} must be true or false, got ${shown(value)}`);
    return fallback;
  };
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    problems.push(`signal must be an AbortSignal, got ${shown(signal)}`);
  }
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    problems.push(`onProgress must be a function, got ${shown(onProgress)}`);
  }
  if (trace !== undefined && !isTrace(trace)) {
    problems.push(
      `trace must be a string of at most ${MAX_TRACE_CHARACTERS} characters, got ${shown(trace)}`,
    );
  }
  if (out !== undefined && (typeof out !== 'string' || out === '')) {
    problems.push(`out must be the path of a folder, got ${shown(out)}`);
  }
  if (minScore !== undefined && !(isNumber(minScore) && minScore >= 0 && minScore <= 1)) {
    problems.push(`minScore must be a number from 0 to 1, got ${shown(minScore)}`);
  }
  if (effort !== undefined && !EFFORTS.includes(effort)) {
    problems.push(`effort must be one of ${EFFORTS.join(', ')}, got ${shown(effort)}`);
  }
  if (!isNamedValues(assemble)) problems.push(`assemble must be an object, got ${shown(assemble)}`);
  else
    problems.push(
      ...unknownNames(assemble, new Set(Object.keys(ASSEMBLE_NAMES))).map((said) => `assemble: ${said}`),
    );
  for (const name of ['maxGapS', 'extrapolateS'] as const) {
    const value: unknown = isNamedValues(assemble) ? assemble[name] : undefined;
    if (value !== undefined && !Number.isFinite(value)) {
      problems.push(`assemble.${name} must be a number of seconds, got ${shown(value)}`);
    }
  }
  if (maxDurationS !== undefined && !(isNumber(maxDurationS) && maxDurationS > 0)) {
    problems.push(`maxDurationS must be a number of seconds over 0, got ${shown(maxDurationS)}`);
  }
  const limitMs = timeoutMs ?? (isTrue(host.POSE_TIMEOUT_MS) ? Number(host.POSE_TIMEOUT_MS) : undefined);
  if (limitMs !== undefined && !(isNumber(limitMs) && limitMs > 0 && limitMs <= MAX_TIMER_MS)) {
    const name = timeoutMs === undefined ? 'POSE_TIMEOUT_MS' : 'timeoutMs';
    problems.push(`${name} must be a number over 0 and at most ${MAX_TIMER_MS}, got ${shown(limitMs)}`);
  }
  const params = {
    overlay: flag('overlay', overlay, overlayByDefault),
    force: flag('force', force, false),
    ...(out === undefined ? {} : { out: resolve(String(out)) }),
    ...(minScore === undefined ? {} : { min_score: minScore }),
    ...(effort === undefined ? {} : { effort }),
    ...(maxDurationS === undefined ? {} : { max_duration_s: maxDurationS }),
    assemble: Object.fromEntries(
      Object.entries(assemble).map(([name, value]) => [ASSEMBLE_NAMES[name as keyof AssembleOptions], value]),
    ),
  };
  if (problems.length > 0) throw new PoseError('INVALID_REQUEST', problems.join('; '));
  return { signal, trace, onProgress: onProgress ?? (() => {}), timeoutMs: limitMs, params };
}
