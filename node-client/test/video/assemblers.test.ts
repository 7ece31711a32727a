import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { SingleDaemon } from '../../src/pool/single.ts';
import { Assemblers, IDLE_MS } from '../../src/video/assemblers.ts';

let opened: { closed: boolean }[];
/** A daemon takes until then to end. */
let end: Promise<void>;
let assemblers: Assemblers;

beforeEach(() => {
  vi.useFakeTimers();
  opened = [];
  end = Promise.resolve();
  assemblers = new Assemblers(() => {
    const daemon = { closed: false, submit: () => Promise.reject(new Error('not asked')) };
    opened.push(daemon);
    const close = async () => {
      await end;
      daemon.closed = true;
    };
    return { ...daemon, close } as SingleDaemon;
  });
});

afterEach(() => {
  vi.useRealTimers();
});

test('one is kept warm for the next video, and two at once get one each', async () => {
  await assemblers.take().close();
  const [first, second] = [assemblers.take(), assemblers.take()];
  expect(opened).toHaveLength(2);
  await first.close();
  await first.close();
  await second.close();
  expect(opened.map(({ closed }) => closed)).toEqual([false, true]);
});

test('the idle one ends after a while', async () => {
  await assemblers.take().close();
  vi.advanceTimersByTime(IDLE_MS - 1);
  expect(opened[0]?.closed).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(opened[0]?.closed).toBe(true);
  assemblers.take();
  expect(opened).toHaveLength(2);
});

test('closing ends the idle one and those in use, and what comes back later', async () => {
  await assemblers.take().close();
  const late = assemblers.take();
  const other = assemblers.take();
  await other.close();
  await assemblers.close();
  expect(opened.every(({ closed }) => closed)).toBe(true);
  await late.close();
});

test.for(['was given back', 'was idle for too long'])(
  'closing waits for one that %s and is still ending',
  async (why) => {
    const [one, other] = [assemblers.take(), assemblers.take()];
    await one.close();
    if (why === 'was idle for too long') await other.close();
    const { promise, resolve } = Promise.withResolvers<void>();
    end = promise;
    if (why === 'was given back') void other.close();
    else vi.advanceTimersByTime(IDLE_MS);
    end = Promise.resolve(); // of the others
    let isClosed = false;
    const closing = assemblers.close().then(() => {
      isClosed = true;
    });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(isClosed).toBe(false);
    resolve();
    await closing;
    expect(opened.every(({ closed }) => closed)).toBe(true);
  },
);
