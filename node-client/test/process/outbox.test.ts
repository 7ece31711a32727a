import { Writable } from 'node:stream';
import { beforeEach, describe, expect, test } from 'vitest';
import { Sidecar } from '../../src/index.ts';
import { Outbox } from '../../src/process/outbox.ts';
import { fakeDaemon } from '../../src/testing/index.ts';
import { encodeFrame } from '../../src/wire/frame-writer.ts';
import { failure } from '../failures.ts';
import { checkLeaks } from '../leaks.ts';

/** A pipe that takes one write at a time, when told to. */
class SlowPipe extends Writable {
  readonly writes: number[] = [];
  #taken: () => void = () => {};

  constructor() {
    super({ highWaterMark: 1 });
  }

  override _writev(chunks: { chunk: Buffer }[], taken: () => void): void {
    this.writes.push(chunks.reduce((sum, { chunk }) => sum + chunk.byteLength, 0));
    this.#taken = taken;
  }

  async take(): Promise<void> {
    this.#taken();
    await new Promise(setImmediate);
  }
}

const HEAD_BYTES = 17;
const frame = (body: Uint8Array) => encodeFrame({ type: 'bye' }, body);

function takeAway({ buffer }: Uint8Array<ArrayBuffer>): void {
  structuredClone(buffer, { transfer: [buffer] });
}

describe('frames that wait', () => {
  const never = () => expect.unreachable();

  test('go out together once the pipe is free', async () => {
    const pipe = new SlowPipe();
    const outbox = new Outbox(pipe);
    for (const size of [10, 20, 30]) outbox.push(frame(new Uint8Array(size)), { onSpoiled: never });
    expect(pipe.writes).toEqual([HEAD_BYTES + 10]);
    await pipe.take();
    expect(pipe.writes).toEqual([HEAD_BYTES + 10, 2 * HEAD_BYTES + 50]);
    await pipe.take();
    expect(pipe.writableLength).toBe(0);
  });

  test.for([0, 1, 2])('with the body of number %i taken away: it alone is left out', async (spoiled) => {
    const pipe = new SlowPipe();
    const outbox = new Outbox(pipe);
    outbox.push(frame(new Uint8Array(5)), { onSpoiled: never });
    const bodies = [10, 20, 30].map((size) => new Uint8Array(size));
    const lost: number[] = [];
    for (const [index, body] of bodies.entries())
      outbox.push(frame(body), { onSpoiled: () => lost.push(index) });
    takeAway(bodies[spoiled] as Uint8Array<ArrayBuffer>);
    await pipe.take();
    expect(lost).toEqual([spoiled]);
    expect(pipe.writes.at(-1)).toBe(2 * HEAD_BYTES + 60 - (spoiled + 1) * 10);
    await pipe.take();
    outbox.push(frame(new Uint8Array(1)), { onSpoiled: never });
    expect(pipe.writes.at(-1)).toBe(HEAD_BYTES + 1);
  });

  test('with all bodies taken away: the pipe stays free', async () => {
    const pipe = new SlowPipe();
    const outbox = new Outbox(pipe);
    const body = new Uint8Array(9);
    outbox.push(frame(new Uint8Array(5)), { onSpoiled: never });
    outbox.push(frame(body));
    takeAway(body);
    await pipe.take();
    outbox.push(frame(new Uint8Array(1)), { onSpoiled: never });
    expect(pipe.writes).toEqual([HEAD_BYTES + 5, HEAD_BYTES + 1]);
  });

  test('are dropped when the pipe has ended', async () => {
    const pipe = new SlowPipe();
    const outbox = new Outbox(pipe);
    outbox.push(frame(new Uint8Array(5)), { onSpoiled: never });
    outbox.push(frame(new Uint8Array(6)), { onSpoiled: never });
    pipe.end();
    await pipe.take();
    expect(pipe.writes).toEqual([HEAD_BYTES + 5]);
  });
});

describe('a caller transfers the image to somebody else', () => {
  beforeEach(checkLeaks);

  test.for([
    ['while it waits for the pipe', { requests: 4, bytes: 2 ** 26 }],
    ['while it waits for credit', { requests: 1, bytes: 2 ** 26 }],
  ] as const)('%s: its calls alone are rejected', async ([, credits]) => {
    const sidecar = await Sidecar.start(fakeDaemon('healthy', { ready: { credits } }));
    const written = sidecar.estimate(new Uint8Array(4 * 1024 * 1024));
    const image = new Uint8Array(4 * 1024 * 1024);
    const waiting = [1, 2].map(() => failure(sidecar.estimate(image)));
    takeAway(image);
    for (const error of await Promise.all(waiting)) {
      expect(error).toMatchObject({ code: 'INVALID_REQUEST' });
      expect(error.message).toContain('the image had 4194304 bytes when estimate was called and 0 when');
    }
    await written;
    await expect(sidecar.estimate(Buffer.from('next'))).resolves.toBeDefined();
    expect(sidecar.status()).toMatchObject({ state: 'ready', answered: 2, failed: 2, inFlight: 0 });
    await sidecar.close();
  });

  test('a buffer that shrinks was copied', async () => {
    const sidecar = await Sidecar.start(fakeDaemon());
    const buffer = new ArrayBuffer(1024 * 1024, { maxByteLength: 2 * 1024 * 1024 });
    const calls = [1, 2, 3].map(() => sidecar.estimate(new Uint8Array(buffer)));
    buffer.resize(10);
    await expect(Promise.all(calls)).resolves.toHaveLength(3);
    await sidecar.close();
  });
});
