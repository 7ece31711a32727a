/** Live sources: ages, drops, order, and an end whoever ends it. */
import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { PoseError } from '../../src/errors.ts';
import type { EstimateOptions } from '../../src/estimate-options.ts';
import type { ImageInput } from '../../src/image.ts';
import { type StreamOptions, type StreamResult, stream } from '../../src/pool/stream.ts';
import type { PoseResult } from '../../src/result.ts';
import { FakeClock } from '../../src/testing/index.ts';

const INFERENCE_MS = 100;
const image = (index: number): ImageInput => Buffer.from([index % 256]);

let clock: FakeClock;
let inFlight: number;
let mostInFlight: number;
let asked: number;
beforeEach(() => {
  clock = new FakeClock();
  inFlight = 0;
  mostInFlight = 0;
  asked = 0;
});

/** Daemons that each take one image at a time and `inferenceMs` for it; in between they do what a pool does. */
function daemons(count: number, inferenceMs: (index: number) => number = () => INFERENCE_MS) {
  const idleAtMs = new Array<number>(count).fill(0);
  return (_: ImageInput, { signal }: EstimateOptions) => {
    const index = asked;
    asked += 1;
    inFlight += 1;
    mostInFlight = Math.max(mostInFlight, inFlight);
    const daemon = idleAtMs.indexOf(Math.min(...idleAtMs));
    const endMs = Math.max(clock.nowMs(), idleAtMs[daemon] as number) + inferenceMs(index);
    idleAtMs[daemon] = endMs;
    return new Promise<PoseResult>((resolve, reject) => {
      const aborted = () => {
        timer.cancel();
        inFlight -= 1;
        reject(new PoseError('ABORTED', 'told to'));
      };
      const timer = clock.after(endMs - clock.nowMs(), () => {
        signal?.removeEventListener('abort', aborted);
        inFlight -= 1;
        resolve({ width: index } as PoseResult);
      });
      signal?.addEventListener('abort', aborted, { once: true });
    });
  };
}

/** A camera: an image every `everyMs`, whether or not anybody takes it. */
class Camera implements AsyncIterableIterator<ImageInput> {
  taken = 0;
  ended = false;
  readonly #everyMs: number;
  readonly #images: number;

  constructor(everyMs: number, images = Number.POSITIVE_INFINITY) {
    this.#everyMs = everyMs;
    this.#images = images;
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  next(): Promise<IteratorResult<ImageInput>> {
    if (this.ended || this.taken >= this.#images) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => {
      const value = image(this.taken);
      this.taken += 1;
      clock.after(this.#everyMs, () => resolve({ done: false, value }));
    });
  }

  return(): Promise<IteratorResult<ImageInput>> {
    this.ended = true;
    return Promise.resolve({ done: true, value: undefined });
  }
}

/** Takes results until the stream ends; `thinkMs` between them. */
function consume(results: AsyncGenerator<StreamResult>, thinkMs = 0) {
  const seen: StreamResult[] = [];
  const end: { done: boolean; error: unknown } = { done: false, error: null };
  const run = async () => {
    for await (const result of results) {
      seen.push(result);
      if (thinkMs > 0) await new Promise<void>((resolve) => clock.after(thinkMs, resolve));
    }
  };
  run().then(
    () => {
      end.done = true;
    },
    (error: unknown) => {
      end.error = error;
    },
  );
  return { seen, end };
}

function start(
  source: Camera | Iterable<ImageInput>,
  count = 2,
  options: StreamOptions = {},
  capacity = count,
) {
  return stream(source, daemons(count), () => capacity, options, clock);
}

const inOrder = (seen: readonly StreamResult[]) =>
  seen.every(({ index }, at) => at === 0 || index > (seen[at - 1] as StreamResult).index);

describe('latest', () => {
  test.for([1, 2, 4])('3 times what %i daemons can do, for a minute: nothing gets old', async (count) => {
    const everyMs = INFERENCE_MS / count / 3;
    const camera = new Camera(everyMs, 60_000 / everyMs);
    const { seen, end } = consume(start(camera, count));
    await clock.pass(61_000);
    expect(end.done).toBe(true);
    expect(inOrder(seen)).toBe(true);
    const oldest = Math.max(...seen.map(({ ageMs }) => ageMs));
    expect(oldest).toBeLessThanOrEqual(2 * everyMs + INFERENCE_MS + 1e-6);
    expect(mostInFlight).toBeLessThanOrEqual(count);
    expect(seen.length).toBeGreaterThan((60_000 / INFERENCE_MS) * count * 0.7);
    expect(seen.length + (seen.at(-1)?.dropped ?? 0)).toBe(camera.taken);
  });

  test('a source that is slow enough loses nothing', async () => {
    const { seen, end } = consume(start(new Camera(INFERENCE_MS, 50), 2));
    await clock.pass(10_000);
    expect(end.done).toBe(true);
    expect(seen.map(({ index }) => index)).toEqual(Array.from({ length: 50 }, (_, index) => index));
    expect(seen.at(-1)?.dropped).toBe(0);
  });

  test('the order is that of the source, although a later image is done first', async () => {
    const estimate = daemons(2, (index) => (index % 2 === 0 ? 500 : 10));
    const results = stream(new Camera(20, 40), estimate, () => 2, {}, clock);
    const { seen } = consume(results);
    await clock.pass(20_000);
    expect(inOrder(seen)).toBe(true);
    expect(seen.length).toBeGreaterThan(2);
  });

  test('row 61: a consumer that stops taking stops the asking; the newest image waits for it', async () => {
    const camera = new Camera(10);
    const results = start(camera, 2);
    const first = results.next();
    await clock.pass(10_000);
    expect((await first).value?.index).toBe(0);
    expect(asked).toBeLessThanOrEqual(3);
    const dropped = camera.taken - asked;
    expect(dropped).toBeGreaterThan(900);
    await results.return(undefined);
    expect(camera.ended).toBe(true);
  });

  test('an error is a result of its image, and the stream goes on', async () => {
    const failing = (one: ImageInput, options: EstimateOptions) =>
      asked === 1
        ? Promise.reject(new PoseError('DECODE_FAILED', String(++asked)))
        : daemons(1)(one, options);
    const { seen, end } = consume(stream(new Camera(200, 4), failing, () => 1, {}, clock));
    await clock.pass(5_000);
    expect(end.done).toBe(true);
    expect(seen.map(({ error }) => error?.code ?? null)).toEqual([null, 'DECODE_FAILED', null, null]);
  });
});

describe('block', () => {
  test('every image is taken, in order, and never more than there is room for', async () => {
    const images = Array.from({ length: 200 }, (_, index) => image(index));
    const { seen, end } = consume(start(images, 2, { policy: 'block' }, 4));
    await clock.pass(60_000);
    expect(end.done).toBe(true);
    expect(seen.map(({ index }) => index)).toEqual(images.map((_, index) => index));
    expect(seen.at(-1)?.dropped).toBe(0);
    expect(mostInFlight).toBeLessThanOrEqual(4);
  });

  test('row 61: a consumer that takes its time makes the source wait', async () => {
    const camera = new Camera(1);
    const { seen } = consume(start(camera, 2, { policy: 'block' }, 4), 1_000);
    await clock.pass(10_500);
    expect(seen.length).toBeLessThanOrEqual(11);
    expect(camera.taken).toBeLessThanOrEqual(seen.length + 6);
  });
});

describe('the end', () => {
  test.for(['latest', 'block'] as const)(
    'row 61: leaving the loop ends a source that waits, and what is in flight: %s',
    async (policy) => {
      const camera = new Camera(10);
      const results = start(camera, 2, { policy });
      const first = results.next();
      await clock.pass(INFERENCE_MS + 15);
      await first;
      expect(inFlight).toBeGreaterThan(0);
      await results.return(undefined);
      await turn();
      expect(camera.ended).toBe(true);
      expect(inFlight).toBe(0);
    },
  );

  test.for(['latest', 'block'] as const)('the signal ends it with ABORTED: %s', async (policy) => {
    const controller = new AbortController();
    const camera = new Camera(10);
    const { seen, end } = consume(start(camera, 2, { policy, signal: controller.signal }));
    await clock.pass(1_000);
    const before = seen.length;
    controller.abort('enough');
    await clock.pass(1_000);
    expect(end.error).toMatchObject({ code: 'ABORTED', cause: 'enough' });
    expect(seen).toHaveLength(before);
    expect(camera.ended).toBe(true);
    expect(inFlight).toBe(0);
  });

  test('the signal ends it while the source is silent and nothing is in flight', async () => {
    const controller = new AbortController();
    const camera = new Camera(1e9);
    const { end } = consume(start(camera, 2, { signal: controller.signal }));
    await clock.pass(10);
    controller.abort();
    await turn();
    expect(end.error).toMatchObject({ code: 'ABORTED' });
    expect(camera.ended).toBe(true);
  });

  test('a signal that has fired starts nothing', async () => {
    const camera = new Camera(10);
    const { end } = consume(start(camera, 2, { signal: AbortSignal.abort() }));
    await clock.pass(100);
    expect(end.error).toMatchObject({ code: 'ABORTED' });
    expect(camera.taken).toBe(0);
  });

  test.for(['latest', 'block'] as const)(
    'a source that throws: first what came before, then its error: %s',
    async (policy) => {
      async function* broken() {
        yield image(0);
        yield image(1);
        throw new Error('the camera was unplugged');
      }
      const { seen, end } = consume(
        stream(broken(), daemons(2), () => 2, { policy }, clock),
        50,
      );
      await clock.pass(5_000);
      expect(seen.at(-1)?.index).toBe(1);
      expect(end.error).toMatchObject({ message: 'the camera was unplugged' });
    },
  );

  test('a source that throws while nobody takes results is no unhandled rejection', async () => {
    const unhandled: unknown[] = [];
    const listener = (error: unknown) => unhandled.push(error);
    process.on('unhandledRejection', listener);
    async function* broken() {
      yield image(0);
      throw new Error('the camera was unplugged');
    }
    const results = stream(broken(), daemons(1), () => 1, {}, clock);
    const first = results.next();
    await clock.pass(1_000);
    await first;
    await clock.pass(1_000);
    process.off('unhandledRejection', listener);
    expect(unhandled).toEqual([]);
    await expect(results.next()).rejects.toThrow('the camera was unplugged');
  });

  test('an empty source is an empty stream', async () => {
    const { seen, end } = consume(start([]));
    await turn();
    expect([seen, end.done]).toEqual([[], true]);
  });

  test('another policy is refused', async () => {
    const results = start([], 1, { policy: 'newest' as 'latest' });
    await expect(results.next()).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });
});
