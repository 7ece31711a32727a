/** One attempt at a job: the pool works on the video, watched for progress and time. Settles once, never rejects. */
import { PoseError, type VideoOptions, type VideoOutcome, type VideoProgress } from 'pose-sidecar';
import type { Claimed, Job, JobProgress } from './job.ts';
import { JobError } from './job-error.ts';

/** What works on videos: a PosePool. */
export interface VideoWorker {
  processVideo(path: string, options: VideoOptions): Promise<VideoOutcome>;
}

export interface AttemptSettings {
  readonly pool: VideoWorker;
  /** Folder of all results; null for the pool's own. */
  readonly out: string | null;
  readonly noProgressMs: number;
  /** Null without a limit. */
  readonly totalMs: number | null;
  /** Seconds; null without a limit. */
  readonly maxDurationS: number | null;
  readonly onProgress: (attempt: Attempt) => void;
}

/** Why an attempt is to end although nothing is wrong with it. */
export type StopReason = 'cancelled' | 'shutdown' | 'lost';

export type AttemptEnd =
  | { readonly kind: 'done'; readonly outcome: VideoOutcome }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'stopped'; readonly reason: StopReason };

/** The longest wait a timer can hold: for the pool, where the limit is ours. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** Milliseconds for the pool to let go of a stopped video; it kills what does not listen long before. */
const LET_GO_MS = 15_000;
/** After the last frame the last files are written, in part without a word from the pool: so many times as long. */
const ASSEMBLY_PATIENCE = 10;

export class Attempt {
  readonly job: Job;
  readonly token: string;
  /** Attempts at the job that failed before. */
  readonly failures: number;
  readonly end: Promise<AttemptEnd>;
  progress: JobProgress | null = null;
  /** Counts that grow before the first frame and after the last one. */
  #preparing = 0;
  #finishing = 0;
  readonly #settings: AttemptSettings;
  readonly #startedAtMs = performance.now();
  readonly #abort = new AbortController();
  readonly #end = Promise.withResolvers<AttemptEnd>();
  #stopped: AttemptEnd | null = null;
  #patience: NodeJS.Timeout | undefined;

  constructor({ job, token, failures }: Claimed, settings: AttemptSettings) {
    this.job = job;
    this.token = token;
    this.failures = failures;
    this.end = this.#end.promise;
    this.#settings = settings;
    void this.#run();
  }

  get elapsedS(): number {
    return (performance.now() - this.#startedAtMs) / 1_000;
  }

  /** The job as it is now. */
  get jobNow(): Job {
    return this.progress === null ? this.job : { ...this.job, progress: this.progress };
  }

  /** End the work. What is finished of it is kept for the next attempt. The first reason counts. */
  stop(reason: StopReason): void {
    this.#stop({ kind: 'stopped', reason });
  }

  async #run(): Promise<void> {
    const { pool, out, maxDurationS } = this.#settings;
    const { timeoutMs: ownLimitMs, ...options } = this.job.options as VideoOptions;
    const totalMs = ownLimitMs ?? this.#settings.totalMs;
    const timer =
      totalMs === null
        ? undefined
        : setTimeout(() => this.#fail(tooLong(totalMs)), Math.min(totalMs, MAX_TIMER_MS));
    this.#waitForProgress();
    try {
      const outcome = await pool.processVideo(this.job.videoPath, {
        ...(out === null ? {} : { out }),
        ...(maxDurationS === null ? {} : { maxDurationS }),
        ...options,
        ...(this.job.trace === null ? {} : { trace: this.job.trace }),
        timeoutMs: MAX_TIMER_MS,
        signal: this.#abort.signal,
        onProgress: (progress) => this.#progressed(progress),
      });
      this.#end.resolve({ kind: 'done', outcome });
    } catch (error) {
      this.#end.resolve(this.#stopped ?? { kind: 'failed', error });
    } finally {
      clearTimeout(timer);
      clearTimeout(this.#patience);
    }
  }

  #progressed(progress: VideoProgress): void {
    const { preparing = 0, finishing = 0, ...people } = progress;
    const isFurther =
      this.progress === null ||
      people.done > this.progress.done ||
      preparing > this.#preparing ||
      finishing > this.#finishing;
    this.progress = people;
    this.#preparing = preparing;
    this.#finishing = finishing;
    if (this.#stopped !== null) return;
    if (isFurther) this.#waitForProgress();
    this.#settings.onProgress(this);
  }

  #waitForProgress(): void {
    const { noProgressMs } = this.#settings;
    const { done = 0, total = null } = this.progress ?? {};
    const waitMs = total !== null && done >= total ? noProgressMs * ASSEMBLY_PATIENCE : noProgressMs;
    clearTimeout(this.#patience);
    this.#patience = setTimeout(
      () => this.#fail(noProgress(waitMs, done, total)),
      Math.min(waitMs, MAX_TIMER_MS),
    );
  }

  #fail(error: PoseError): void {
    this.#stop({ kind: 'failed', error });
  }

  #stop(end: AttemptEnd): void {
    if (this.#stopped !== null) return;
    this.#stopped = end;
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#end.resolve(end), LET_GO_MS);
    this.#abort.abort(new Error(end.kind === 'stopped' ? end.reason : 'a limit was passed'));
  }
}

/** The sentence is the previous service's, which its clients look for. */
function tooLong(limitMs: number): PoseError {
  return new PoseError('DEADLINE_EXCEEDED', `Processing timeout (exceeded ${limitMs}ms)`, {
    hint: 'Raise POSE_TIMEOUT_MS or submit a job without a limit; what is finished is kept, and the next run goes on from there.',
  });
}

function noProgress(waitedMs: number, done: number, total: number | null): JobError {
  return new JobError(
    'NO_PROGRESS',
    `no frame was done for ${waitedMs} ms, after ${done} of ${total ?? '?'}`,
    {
      hint: 'Look at the daemons’ log at this time; the next attempt goes on from what is finished.',
    },
  );
}
