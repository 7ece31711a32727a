/** Follows every request of a run to its end, and counts the ends. */
import { ERROR_CODES, PoseError, type PoseResult } from '../../node-client/src/index.ts';

/** What the pool must never show to anybody: symptoms of a broken pipe instead of the cause. */
const SYMPTOMS = /\b(write EOF|EPIPE|ECONNRESET|stdin write failed)\b/;

/** One request's picture, and so the answer that belongs to it. */
export interface Picture {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly format: 'gray8';
}

const WIDTHS = 256;

/** A picture of a size that no other request of the run has. */
export function pictureOf(index: number): Picture {
  const width = 1 + (index % WIDTHS);
  const height = 1 + Math.floor(index / WIDTHS);
  return { data: new Uint8Array(width * height), width, height, format: 'gray8' };
}

export class Tally {
  sent = 0;
  answered = 0;
  /** Ends of requests that had ended before. */
  twice = 0;
  /** Answers that belong to another request. */
  mixedUp = 0;
  /** Rejections with something else than a PoseError of a known code. */
  untyped = 0;
  /** Messages that name a broken pipe. */
  symptoms = 0;
  /** Rejections by code. */
  readonly failed = new Map<string, number>();
  readonly #ends: Promise<void>[] = [];

  /** Requests that have not ended. */
  get open(): number {
    return this.sent - this.answered - this.rejected;
  }

  get rejected(): number {
    return this.untyped + [...this.failed.values()].reduce((sum, count) => sum + count, 0);
  }

  follow(picture: Picture, outcome: PromiseLike<PoseResult>): void {
    this.sent += 1;
    let ended = false;
    const end = (count: () => void) => {
      if (ended) this.twice += 1;
      else count();
      ended = true;
    };
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ends.push(promise);
    outcome.then(
      (result) => {
        end(() => this.#answer(picture, result));
        resolve();
      },
      (error: unknown) => {
        end(() => this.#reject(error));
        resolve();
      },
    );
  }

  /** Of a log or an error. */
  read(message: string): void {
    if (SYMPTOMS.test(message)) this.symptoms += 1;
  }

  /** Resolves when everything sent has ended, or after `atMostMs`. */
  async allEnded(atMostMs: number): Promise<void> {
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, atMostMs);
    await Promise.race([Promise.all(this.#ends), over]);
    clearTimeout(timer);
  }

  #answer(picture: Picture, { width, height }: PoseResult): void {
    this.answered += 1;
    if (width !== picture.width || height !== picture.height) this.mixedUp += 1;
  }

  #reject(error: unknown): void {
    if (error instanceof PoseError && Object.hasOwn(ERROR_CODES, error.code)) {
      this.failed.set(error.code, (this.failed.get(error.code) ?? 0) + 1);
    } else this.untyped += 1;
    if (error instanceof Error) this.read(error.message);
  }
}
