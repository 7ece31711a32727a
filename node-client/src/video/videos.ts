/** `pool.video` and `pool.processVideo`. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { AbortedError, PoseError } from '../errors.ts';
import { MAX_TIMER_MS } from '../option-checks.ts';
import { parseFrame, type VideoFrame } from './frames.ts';
import { type VideoHost, VideoRun } from './run.ts';
import { type Planned, planWork, type VideoSummary } from './steps.ts';
import { type ResolvedVideoOptions, resolveVideoOptions, type VideoOptions } from './video-options.ts';

export interface VideoOutcome {
  /** Holds poses.jsonl, summary.json and overlay.mp4. */
  readonly directory: string;
  readonly summary: VideoSummary;
  /** It was there already. */
  readonly reused: boolean;
}

/** Work on a video and write its result directory. */
export async function processVideo(
  host: VideoHost,
  path: string,
  options: VideoOptions,
): Promise<VideoOutcome> {
  const resolved = resolveVideoOptions(options, true);
  const planned = await plan(host, path, resolved);
  const { directory, summary } = planned;
  if (summary !== null) return { directory, summary, reused: true };
  const assembled = await new VideoRun(host, planned, resolved, false).outcome;
  return { ...assembled, reused: false };
}

/** The frames of a video, as they become final. Leaving the loop stops the work. */
export async function* videoFrames(
  host: VideoHost,
  path: string,
  options: VideoOptions,
): AsyncGenerator<VideoFrame> {
  const resolved = resolveVideoOptions(options, false);
  const planned = await plan(host, path, resolved);
  if (planned.summary !== null) {
    yield* storedFrames(planned.directory, resolved.signal);
    return;
  }
  const run = new VideoRun(host, planned, resolved, true);
  try {
    for (let frames = await run.next(); frames !== null; frames = await run.next()) yield* frames;
  } finally {
    run.stop(new PoseError('ABORTED', 'the loop over the frames was left'));
  }
}

function plan(
  host: VideoHost,
  path: string,
  { params, signal, trace, onProgress }: ResolvedVideoOptions,
): Promise<Planned> {
  const nothingDone = { done: 0, total: null, fps: 0, leftS: null };
  const work = planWork(path, params, (preparing) => onProgress({ ...nothingDone, preparing }));
  return host.submit({ work, deadlineMs: MAX_TIMER_MS, signal, trace });
}

/** The frames of a result that is there. */
async function* storedFrames(directory: string, signal: AbortSignal | undefined): AsyncGenerator<VideoFrame> {
  const file = createReadStream(join(directory, 'poses.jsonl'));
  try {
    let isHeader = true;
    for await (const line of createInterface({ input: file, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (signal?.aborted) throw new AbortedError(signal.reason);
      if (!isHeader) yield parseFrame(line);
      isHeader = false;
    }
  } finally {
    file.destroy();
  }
}
