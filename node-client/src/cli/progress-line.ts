/** Progress on standard error: a bar that moves on a terminal, a line every two seconds elsewhere. */
import type { VideoProgress } from '../video/video-options.ts';
import type { Output } from './run-step.ts';

const LINE_INTERVAL_MS = 2_000;
const BAR_CELLS = 24;

export interface ProgressLine {
  /** Another kind of work begins. */
  say(text: string): void;
  show(progress: VideoProgress): void;
  /** Leave the terminal as other lines want it. */
  end(): void;
}

export function progressLine(err: Output & { readonly isTTY?: boolean }): ProgressLine {
  return err.isTTY ? new MovingBar(err) : new Lines(err);
}

/** `120 of 300 frames, 84.0 fps, 2 s left`, and when all are done: `300 of 300 frames, writing: 280`. */
export function describeProgress({ done, total, fps, leftS, finishing }: VideoProgress): string {
  if (total !== null && done >= total && finishing)
    return `${done} of ${total} frames, writing: ${finishing}`;
  const of = total === null ? `${done} frames` : `${done} of ${total} frames`;
  const speed = fps > 0 ? `, ${fps.toFixed(1)} fps` : '';
  return `${of}${speed}${leftS === null ? '' : `, ${duration(leftS)} left`}`;
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

class MovingBar implements ProgressLine {
  readonly #err: Output;

  constructor(err: Output) {
    this.#err = err;
  }

  say(text: string): void {
    this.#err.write(`\r\x1b[K  … ${text}`);
  }

  show(progress: VideoProgress): void {
    const share = progress.total ? Math.min(1, progress.done / progress.total) : 0;
    const full = Math.round(share * BAR_CELLS);
    const bar = '━'.repeat(full) + ' '.repeat(BAR_CELLS - full);
    this.#err.write(`\r\x1b[K  ${bar} ${describeProgress(progress)}`);
  }

  end(): void {
    this.#err.write('\r\x1b[K');
  }
}

class Lines implements ProgressLine {
  readonly #err: Output;
  #toldAtMs = performance.now();

  constructor(err: Output) {
    this.#err = err;
  }

  say(text: string): void {
    this.#err.write(`  ${text}\n`);
    this.#toldAtMs = performance.now();
  }

  show(progress: VideoProgress): void {
    const nowMs = performance.now();
    if (nowMs - this.#toldAtMs < LINE_INTERVAL_MS) return;
    this.#toldAtMs = nowMs;
    this.#err.write(`  ${describeProgress(progress)}\n`);
  }

  end(): void {}
}
