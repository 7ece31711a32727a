/** Images that come by themselves: the newest matters, or every one does. */
import { onAbort } from '../abort.ts';
import { type Clock, SYSTEM_CLOCK } from '../clock.ts';
import { AbortedError, PoseError } from '../errors.ts';
import type { EstimateOptions } from '../estimate-options.ts';
import type { ImageInput } from '../image.ts';
import type { PoseResult } from '../result.ts';

export type StreamPolicy = 'latest' | 'block';

export interface StreamOptions extends EstimateOptions {
  /** `latest` drops images that newer ones overtake; `block` makes the source wait. Default: latest. */
  policy?: StreamPolicy;
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

/** Images that may be asked for at once. */
type Capacity = (policy: StreamPolicy) => number;
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
  capacity: Capacity,
  { policy = 'latest', ...options }: StreamOptions = {},
  clock: Pick<Clock, 'nowMs'> = SYSTEM_CLOCK,
): AsyncGenerator<StreamResult> {
  if (policy !== 'latest' && policy !== 'block') {
    throw new PoseError('INVALID_REQUEST', `policy must be latest or block, got ${String(policy)}`);
  }
  const flow = new Flow(estimate, capacity, policy, options, clock);
  const feeding = flow.feed(source);
  feeding.catch(() => {}); // it is told below, after what came before it
  try {
    for (let next = await flow.next(); next !== null; next = await flow.next()) {
      const { atMs, ...answer } = next;
      yield { ...answer, ageMs: clock.nowMs() - atMs, dropped: flow.dropped };
    }
    await feeding; // the source's own failure, if it had one
  } finally {
    flow.stop();
  }
}

class Flow {
  dropped = 0;
  readonly #estimate: Estimate;
  readonly #capacity: Capacity;
  readonly #policy: StreamPolicy;
  readonly #options: EstimateOptions;
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #stopped = new AbortController();
  readonly #signal: AbortSignal;
  #images: AsyncIterator<ImageInput> | Iterator<ImageInput> | null = null;
  /** The newest image that waits; `latest` only. */
  #waiting: Arrived | null = null;
  /** In the order of the source: asked for, and not yielded yet. */
  readonly #asked: Promise<Answered>[] = [];
  #sourceEnded = false;
  #changed = Promise.withResolvers<void>();

  constructor(
    estimate: Estimate,
    capacity: Capacity,
    policy: StreamPolicy,
    options: EstimateOptions,
    clock: Pick<Clock, 'nowMs'>,
  ) {
    this.#estimate = estimate;
    this.#capacity = capacity;
    this.#policy = policy;
    this.#options = options;
    this.#clock = clock;
    const { signal } = options;
    this.#signal = signal ? AbortSignal.any([signal, this.#stopped.signal]) : this.#stopped.signal;
    onAbort(this.#signal, () => {
      this.#waiting = null;
      this.#endSource();
      this.#tell();
    });
  }

  /** Take the source in, at its own pace or at ours. */
  async feed(source: AsyncIterable<ImageInput> | Iterable<ImageInput>): Promise<void> {
    try {
      const images = iteratorOf(source);
      this.#images = images;
      for (let index = 0; !this.#signal.aborted; index += 1) {
        const next = await images.next();
        if (next.done) break;
        await this.#take({ index, image: next.value, atMs: this.#clock.nowMs() });
      }
    } finally {
      this.#sourceEnded = true;
      this.#images = null;
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
        if (this.#options.signal?.aborted) continue;
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
  }

  /** Not waited for: a source may be in the middle of waiting for its next image. */
  #endSource(): void {
    Promise.resolve(this.#images?.return?.()).catch(() => {});
  }

  async #take(arrived: Arrived): Promise<void> {
    if (this.#signal.aborted) return;
    if (this.#policy === 'latest') {
      this.#offer(arrived);
      return;
    }
    await this.#room();
    if (!this.#signal.aborted) this.#ask(arrived);
  }

  #offer(arrived: Arrived): void {
    if (this.#waiting !== null) this.dropped += 1;
    this.#waiting = arrived;
    this.#turn();
  }

  /** Results that nobody takes count too: a consumer that stops stops the asking. */
  #hasRoom(): boolean {
    return this.#asked.length < Math.max(1, this.#capacity(this.#policy));
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

function iteratorOf(
  source: AsyncIterable<ImageInput> | Iterable<ImageInput>,
): AsyncIterator<ImageInput> | Iterator<ImageInput> {
  return Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
}
