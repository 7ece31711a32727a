/** The old answer about a whole video, from the files of its result. */
import type { Job, JobResult } from '../../jobs/job.ts';
import { legacyErrorText } from '../../jobs/legacy-error-text.ts';
import type { FrameIndex } from '../../results/frame-index.ts';
import { frameLines } from '../../results/frame-lines.ts';
import { longObject } from '../../results/json-stream.ts';
import { parseLine, videoFrame } from '../../results/old-frames.ts';

/** A job that is completed. */
export type CompletedJob = Job & { readonly result: JobResult };

/** Pieces of JSON: `{status: "success", …, frames: […], …}` with exactly one entry per frame. */
export function successResult(job: CompletedJob, index: FrameIndex): AsyncGenerator<string> {
  const startedMs = performance.now();
  return longObject({
    before: {
      status: 'success',
      video_path: job.videoPath,
      pkl_path: null,
      total_frames: index.frames,
      result_directory: job.result.directory,
    },
    name: 'frames',
    elements: oldFrames(index),
    after: () => ({
      processing_time_seconds: processingS(job),
      parsing_time_seconds: (performance.now() - startedMs) / 1000,
      job_id: job.id,
    }),
  });
}

/** A client that only knows `completed` learns of the failure here. */
export function failureResult(
  job: Job,
  failure: { readonly code: string; readonly message: string; readonly hint: string | null },
): Readonly<Record<string, unknown>> {
  return {
    status: 'error',
    error: legacyErrorText(failure),
    code: failure.code,
    hint: failure.hint,
    video_path: job.videoPath,
    total_frames: 0,
    frames: [],
    job_id: job.id,
    attempt: job.attempt,
    timestamp: job.error?.atS ?? job.completedAtS,
    elapsed_s: job.error?.elapsedS ?? null,
  };
}

function processingS({ startedAtS, completedAtS }: Job): number | null {
  return startedAtS === null || completedAtS === null ? null : Math.max(0, completedAtS - startedAtS);
}

async function* oldFrames(index: FrameIndex): AsyncGenerator<readonly string[]> {
  for await (const lines of frameLines(index)) {
    yield lines.map((line) => JSON.stringify(videoFrame(parseLine(line))));
  }
}
