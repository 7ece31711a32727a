/** Frames per second, and the time left at that speed. */
import type { VideoProgress } from './video-options.ts';

/** The speed is that of about this long. */
const WINDOW_MS = 5_000;

export class Pace {
  readonly #marks: { readonly atMs: number; readonly done: number }[] = [];

  progress(done: number, total: number | null, nowMs: number): VideoProgress {
    this.#marks.push({ atMs: nowMs, done });
    while (this.#marks.length > 2 && nowMs - (this.#marks[0]?.atMs ?? nowMs) > WINDOW_MS) this.#marks.shift();
    const first = this.#marks[0] ?? { atMs: nowMs, done };
    const seconds = (nowMs - first.atMs) / 1000;
    const fps = seconds > 0 ? (done - first.done) / seconds : 0;
    return { done, total, fps, leftS: total === null || fps <= 0 ? null : Math.max(0, total - done) / fps };
  }
}
