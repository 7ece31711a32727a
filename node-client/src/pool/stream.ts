/** Images that come by themselves: the newest matters, or every one does. */
import { AbortedError, PoseError } from '../errors.ts';
import type { EstimateOptions } from '../estimate-options.ts';
import type { ImageInput } from '../image.ts';
import type { PoseResult } from '../result.ts';

export interface StreamOptions extends EstimateOptions {
  /** `latest` drops images that newer ones overtake; `block` makes the source wait. Default: latest. */
  policy?: 'latest' | 'block';
}

export interface StreamResult {
  /** Position of the image in the source, from 0. */
  readonly index: number;
  readonly result: PoseResult | null;
  /** Why there is no result. */
  readonly error: PoseError | null;
  /** Milliseconds from the image's arrival to this moment. */
  readonly ageMs: number;
  /** Images dropped so far. */
  readonly dropped: number;
}

type Estimate = (image: ImageInput, options: EstimateOptions) => Promise<PoseResult>;

interface Arrived {
  readonly index: number;
  readonly image: ImageInput;
  readonly atMs: number;
}

type Answered = Omit<StreamResult, 'ageMs' | 'dropped'> & { readonly atMs: number };

/** Yields results in the order of the source. Leaving the loop, or the signal, ends the source and what is in flight. */
export async function* stream(
  source: AsyncIterable<ImageInput> | Iterable<ImageInput>,
  estimate: Estimate,
  capacity: () => number,
  { policy = 'latest', ...options }: StreamOptions = {},
): AsyncGenerator<StreamResult> {
  if (policy !== 'latest' && policy !== 'block') {
    throw new PoseError('INVALID_REQUEST', `policy must be latest or block, got ${String(policy)}`);
  }
  const flow = new Flow(estimate, capacity, policy, options);
  const feeding = flow.feed(source);
  try {
    for (let next = await flow.next(); next !== null; next = await flow.next()) {
      const { atMs, ...answer } = next;
      yield { ...answer, ageMs: performance.now() - atMs, dropped: flow.dropped };
    }
    await feeding; // the source's own failure, if it had one
  } finally {
    flow.stop();
    feeding.catch(() => {});
  }
}

class Flow {
  dropped = 0;
  readonly #estimate: Estimate;
  readonly #capacity: () => number;
  readonly #policy: 'latest' | 'block';
  readonly #options: EstimateOptions;
  readonly #stopped = new AbortController();
  readonly #signal: AbortSignal;
  /** The newest image that waits; `latest` only. */
  #waiting: Arrived | null = null;
  /** In the order of the source: asked for, and not yielded yet. */
  readonly #asked: Promise<Answered>[] = [];
  #sourceEnded = false;
  #changed = Promise.withResolvers<void>();

  constructor(
    estimate: Estimate,
    capacity: () => number,
    policy: 'latest' | 'block',
    options: EstimateOptions,
  ) {
    this.#estimate = estimate;
    this.#capacity = capacity;
    this.#policy = policy;
    this.#options = options;
    const { signal } = options;
    this.#signal = signal ? AbortSignal.any([signal, this.#stopped.signal]) : this.#stopped.signal;
  }

  /** Take the source in, at its own pace or at ours. */
  async feed(source: AsyncIterable<ImageInput> | Iterable<ImageInput>): Promise<void> {
    let index = 0;
    try {
      for await (const image of source) {
        if (this.#signal.aborted) break;
        const arrived = { index, image, atMs: performance.now() };
        index += 1;
        if (this.#policy === 'latest') this.#offer(arrived);
        else {
          await this.#room();
          if (this.#signal.aborted) break;
          this.#ask(arrived);
        }
      }
    } finally {
      this.#sourceEnded = true;
      this.#turn();
    }
  }

  /** The next answer; null after the last. */
  async next(): Promise<Answered | null> {
    for (;;) {
      this.#pump();
      const first = this.#asked[0];
      if (this.#options.signal?.aborted) throw new AbortedError(this.#options.signal.reason);
      if (first !== undefined) {
        const answered = await first;
        void this.#asked.shift();
        this.#turn();
        return answered;
      }
      if (this.#sourceEnded && this.#waiting === null) return null;
      await this.#change();
    }
  }

  stop(): void {
    this.#stopped.abort(new Error('the stream was left'));
    this.#waiting = null;
    this.#turn();
  }

  #offer(arrived: Arrived): void {
    if (this.#waiting !== null) this.dropped += 1;
    this.#waiting = arrived;
    this.#turn();
  }

  /** Results that nobody takes count too: a consumer that stops stops the asking. */
  #hasRoom(): boolean {
    return this.#asked.length < Math.max(1, this.#capacity());
  }

  async #room(): Promise<void> {
    while (!this.#hasRoom() && !this.#signal.aborted) await this.#change();
  }

  #pump(): void {
    if (this.#waiting === null || !this.#hasRoom() || this.#signal.aborted) return;
    const arrived = this.#waiting;
    this.#waiting = null;
    this.#ask(arrived);
  }

  #ask({ index, image, atMs }: Arrived): void {
    const answered = this.#estimate(image, { ...this.#options, signal: this.#signal })
      .then(
        (result) => ({ index, atMs, result, error: null }),
        (error: PoseError) => ({ index, atMs, result: null, error }),
      )
      .finally(() => this.#turn());
    this.#asked.push(answered);
    this.#tell();
  }

  #change(): Promise<void> {
    return this.#changed.promise;
  }

  /** Something happened: whoever waits looks again, and a waiting image may go. */
  #turn(): void {
    this.#pump();
    this.#tell();
  }

  #tell(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}
