/** One video on the whole pool: segments go to its workers, one daemon of its own assembles them in order. */
import { basename, join } from 'node:path';
import { onAbort } from '../abort.ts';
import { AbortedError, PoseError } from '../errors.ts';
import { MAX_TIMER_MS } from '../option-checks.ts';
import type { CallSettings } from '../pool/call.ts';
import { parseFrames, type VideoFrame } from './frames.ts';
import { Pace } from './pace.ts';
import { type Assembled, assembleWork, type Planned, segmentWork } from './steps.ts';
import type { ResolvedVideoOptions } from './video-options.ts';

/** Takes pieces of work: the pool, or the daemon that assembles. */
export interface Submitter {
  submit<Value>(settings: CallSettings<Value>): Promise<Value>;
}

export interface VideoHost extends Submitter {
  /** Requests that all workers together take at once. */
  readonly capacity: number;
  /** Whether there are more cores than workers, so that decoding beside finding people gains time. */
  readonly hasIdleCores: boolean;
  /** A daemon for one assembly. */
  openAssembler(): Submitter & { close(): Promise<void> };
}

/** Segments that may be finished before their turn, as a multiple of what is worked on at once. */
const SEGMENTS_AHEAD = 2;

/** A video in work. `outcome` settles once; frames are taken with `next`, which also paces the work. */
export class VideoRun {
  readonly outcome: Promise<Assembled>;
  readonly #host: VideoHost;
  readonly #planned: Planned;
  readonly #options: ResolvedVideoOptions;
  readonly #withFrames: boolean;
  readonly #stop = new AbortController();
  readonly #pace = new Pace();
  readonly #settled = Promise.withResolvers<Assembled>();
  /** Segments the assembly waits for, in order. */
  readonly #missing = new Set<number>();
  /** Frames done of each segment that is worked on. */
  readonly #inWork = new Map<number, number>();
  #doneFrames = 0;
  /** Frames received from the assembly that is running, and taken by the caller in all. */
  #received = 0;
  #taken = 0;
  /** Steps of the assembly so far, and of those that died with their daemons. */
  #finishing = 0;
  #finishedBefore = 0;
  #frames: VideoFrame[] = [];
  #over = false;
  #wake = Promise.withResolvers<void>();

  constructor(host: VideoHost, planned: Planned, options: ResolvedVideoOptions, withFrames: boolean) {
    this.#host = host;
    this.#planned = planned;
    this.#options = options;
    this.#withFrames = withFrames;
    this.outcome = this.#settled.promise;
    this.outcome.catch(() => {}); // heard by whoever awaits it, or by `next`
    void this.#run();
  }

  /** Frames that are final, at least one; null after the last. Throws what ended the work. */
  async next(): Promise<readonly VideoFrame[] | null> {
    while (this.#frames.length === 0) {
      if (this.#over) {
        await this.outcome;
        if (this.#frames.length === 0) return null;
      } else await this.#wake.promise;
    }
    const frames = this.#frames;
    this.#frames = [];
    this.#taken += frames.length;
    this.#dispatch();
    return frames;
  }

  /** Stop the work. What is finished of it is kept for the next run. */
  stop(error: PoseError): void {
    this.#fail(error);
  }

  async #run(): Promise<void> {
    const { signal, timeoutMs, trace } = this.#options;
    const timer =
      timeoutMs === undefined ? undefined : setTimeout(() => this.#fail(tooLong(timeoutMs)), timeoutMs);
    const leave = signal ? onAbort(signal, (reason) => this.#fail(new AbortedError(reason))) : () => {};
    const assembler = this.#host.openAssembler();
    try {
      if (signal?.aborted) throw new AbortedError(signal.reason);
      const work = assembleWork(this.#planned, {
        force: this.#options.params.force,
        withFrames: this.#withFrames,
        onPart: ({ seq, data }, body) => {
          if (seq === 0) this.#beginAgain(); // the assembly began, or began again in another daemon
          if (Array.isArray(data?.missing)) this.#want(data.missing);
          else if (typeof data?.finishing === 'number') this.#finish(data.finishing);
          else this.#take(body);
        },
      });
      this.#settled.resolve(
        await assembler.submit({ work, deadlineMs: MAX_TIMER_MS, signal: this.#stop.signal, trace }),
      );
    } catch (error) {
      this.#fail(error);
    } finally {
      clearTimeout(timer);
      leave();
      this.#over = true;
      this.#stop.abort(new Error('the video is over'));
      this.#tell();
      await assembler.close();
    }
  }

  #fail(error: unknown): void {
    this.#settled.reject(error);
    this.#stop.abort(error);
  }

  #beginAgain(): void {
    this.#received = 0;
    this.#finishedBefore = this.#finishing;
  }

  /** Told as a count that only grows: whoever watches it takes a standstill for a fault. */
  #finish(steps: number): void {
    this.#finishing = this.#finishedBefore + steps;
    this.#report();
  }

  #want(numbers: readonly number[]): void {
    if (this.#doneFrames === 0) this.#countFinished(numbers.length);
    for (const number of numbers) if (!this.#inWork.has(number)) this.#missing.add(number);
    this.#dispatch();
  }

  /** Segments of an earlier run count as done; their exact lengths the plan keeps to itself. */
  #countFinished(missing: number): void {
    const { frames, segments } = this.#planned;
    if (frames !== null && segments > 0)
      this.#doneFrames = Math.round((frames * (segments - missing)) / segments);
  }

  #take(body: Uint8Array): void {
    const frames = parseFrames(body);
    const known = Math.max(0, this.#taken + this.#frames.length - this.#received);
    this.#received += frames.length;
    this.#frames.push(...frames.slice(known));
    this.#tell();
  }

  #tell(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers<void>();
  }

  #dispatch(): void {
    for (const number of this.#missing) {
      if (this.#stop.signal.aborted || this.#inWork.size >= Math.max(1, this.#host.capacity)) return;
      if (number > this.#furthest()) return;
      this.#missing.delete(number);
      void this.#workOn(number);
    }
  }

  /** Whoever takes no frames holds the work back. */
  #furthest(): number {
    const { frames, segments } = this.#planned;
    if (!this.#withFrames || frames === null) return Number.POSITIVE_INFINITY;
    const takenSegments = (this.#taken * segments) / Math.max(1, frames);
    return takenSegments + SEGMENTS_AHEAD * Math.max(1, this.#host.capacity);
  }

  async #workOn(number: number): Promise<void> {
    const { out, directory } = this.#planned;
    this.#inWork.set(number, 0);
    const work = segmentWork(join(out, `.${basename(directory)}.work`), number, {
      decodeAhead: this.#host.hasIdleCores,
      onDone: (done) => {
        this.#inWork.set(number, done);
        this.#report();
      },
    });
    try {
      const { trace } = this.#options;
      const frames = await this.#host.submit({
        work,
        deadlineMs: MAX_TIMER_MS,
        signal: this.#stop.signal,
        trace,
      });
      this.#inWork.delete(number);
      this.#doneFrames += frames;
      this.#report();
      this.#dispatch();
    } catch (error) {
      if (!this.#over) this.#fail(error);
    }
  }

  #report(): void {
    if (this.#over) return;
    const finishing = this.#finishing;
    let done = this.#doneFrames;
    for (const frames of this.#inWork.values()) done += frames;
    const total = this.#planned.frames;
    // A part that was damaged on disk is worked on again, and counted again.
    const progress = this.#pace.progress(Math.min(done, total ?? done), total, performance.now());
    this.#options.onProgress(finishing === 0 ? progress : { ...progress, finishing });
  }
}

function tooLong(timeoutMs: number): PoseError {
  return new PoseError('DEADLINE_EXCEEDED', `the video was not done within ${timeoutMs} ms`, {
    hint: 'Raise timeoutMs or POSE_TIMEOUT_MS; what is finished is kept, and the next run goes on from there.',
  });
}
