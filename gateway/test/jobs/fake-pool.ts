/** A pool whose videos end when the test says so. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AbortedError, type VideoOptions, type VideoOutcome } from 'pose-sidecar';
import type { VideoWorker } from '../../src/jobs/attempt.ts';

export interface FakeVideo {
  readonly path: string;
  readonly options: VideoOptions;
  /** Tell progress. */
  progress(done: number, total?: number | null): void;
  /** Tell that the video is being read through, before all of its frames. */
  preparing(steps: number): void;
  /** Tell that the result is being written, after all of 100 frames. */
  finishing(steps: number): void;
  finish(directory?: string): void;
  fail(error: unknown): void;
}

export class FakePool implements VideoWorker {
  /** In the order they were begun, those that ended included. */
  readonly videos: FakeVideo[] = [];
  /** Most that ran at once. */
  mostAtOnce = 0;
  /** Does an aborted video end? */
  listens = true;
  readonly #out: string;
  #running = 0;

  constructor(out: string) {
    this.#out = out;
  }

  processVideo(path: string, options: VideoOptions): Promise<VideoOutcome> {
    const { promise, resolve, reject } = Promise.withResolvers<VideoOutcome>();
    this.#running += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#running);
    const over = () => {
      this.#running -= 1;
    };
    promise.then(over, over);
    options.signal?.addEventListener('abort', () => {
      if (this.listens) reject(new AbortedError(options.signal?.reason));
    });
    this.videos.push({
      path,
      options,
      progress: (done, total = 100) => options.onProgress?.({ done, total, fps: 10, leftS: null }),
      preparing: (preparing) =>
        options.onProgress?.({ done: 0, total: null, fps: 0, leftS: null, preparing }),
      finishing: (finishing) =>
        options.onProgress?.({ done: 100, total: 100, fps: 0, leftS: null, finishing }),
      finish: (directory = this.makeResult(`video_${this.videos.length}`)) =>
        resolve({
          directory,
          reused: false,
          summary: { frames: 31, frames_with_person: 31, tracks: 1, frames_per_second: 30, message: null },
        }),
      fail: reject,
    });
    return promise;
  }

  makeResult(name: string): string {
    const directory = join(this.#out, name);
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'summary.json'), '{}');
    writeFileSync(join(directory, 'poses.jsonl'), 'x'.repeat(98));
    return directory;
  }
}
