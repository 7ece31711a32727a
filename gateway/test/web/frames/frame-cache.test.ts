/** Frames come by range, stay within bounds, and come again after a failure. */
import { describe, expect, test } from 'vitest';
import type { Frame } from '../../../web/frames/decode.ts';
import { CHUNK_FRAMES, FrameCache, type FrameCacheOptions } from '../../../web/frames/frame-cache.ts';
import { makeFrames } from '../builders.ts';

interface Request {
  readonly from: number;
  readonly to: number;
  readonly signal: AbortSignal;
  readonly answer: (frames?: readonly Frame[]) => void;
  readonly fail: (failure: unknown) => void;
}

/** A cache whose requests wait for the test. */
function makeCache(more: Partial<FrameCacheOptions> = {}) {
  const requests: Request[] = [];
  const failures: unknown[] = [];
  let loads = 0;
  const cache = new FrameCache({
    total: 1_000,
    load: (from, to, signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<readonly Frame[]>();
      requests.push({
        from,
        to,
        signal,
        answer: (frames = makeFrames(from, to)) => resolve(frames),
        fail: reject,
      });
      return promise;
    },
    onLoad: () => {
      loads += 1;
    },
    onFailure: (failure) => failures.push(failure),
    ...more,
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { cache, requests, failures, settle, loads: () => loads };
}

const ranges = (requests: readonly Request[]) => requests.map(({ from, to }) => [from, to]);

test('a frame that is not here is fetched with those that follow', async () => {
  const { cache, requests, settle, loads } = makeCache();
  expect(cache.get(70)).toBeNull();
  expect(ranges(requests)).toEqual([
    [64, 127],
    [128, 191],
    [192, 255],
  ]);
  requests[0]?.answer();
  await settle();
  expect(loads()).toBe(1);
  expect(cache.get(70)?.index).toBe(70);
  expect(cache.get(127)?.index).toBe(127);
  expect(requests).toHaveLength(3);
});

test('backwards, those before it are fetched, and nothing before the first', () => {
  const { cache, requests } = makeCache();
  cache.get(100, -1);
  expect(ranges(requests)).toEqual([
    [64, 127],
    [0, 63],
  ]);
});

test('the last range ends with the video, and nothing is asked for after it', () => {
  const { cache, requests } = makeCache({ total: 1_000 });
  cache.get(999);
  expect(ranges(requests)).toEqual([[960, 999]]);
});

test('a hand that moves fast never has more than three requests open, and the newest place is next', async () => {
  const { cache, requests, settle } = makeCache({ total: 18_000 });
  for (let frame = 0; frame < 18_000; frame += 500) cache.get(frame);
  expect(requests).toHaveLength(3);
  requests[0]?.answer();
  await settle();
  expect(requests).toHaveLength(4);
  expect(requests[3]?.from).toBe(Math.floor(17_500 / CHUNK_FRAMES) * CHUNK_FRAMES);
});

test('memory stays within its bound over a whole video; what was looked at last stays', async () => {
  const maxBytes = 256 * 1024;
  const { cache, requests, settle } = makeCache({ total: 18_000, maxBytes });
  let highest = 0;
  for (let frame = 0; frame < 18_000; frame += 32) {
    cache.get(frame);
    for (const request of requests.splice(0)) request.answer();
    await settle();
    highest = Math.max(highest, cache.bytes);
  }
  expect(highest).toBeGreaterThan(maxBytes / 2);
  expect(highest).toBeLessThanOrEqual(maxBytes);
  expect(cache.get(17_984)?.index).toBe(17_984);
  expect(cache.get(0)).toBeNull();
});

test('one range over the bound is kept all the same: something must be seen', async () => {
  const { cache, requests, settle } = makeCache({ maxBytes: 10 });
  cache.get(0);
  requests[0]?.answer();
  await settle();
  expect(cache.get(0)?.index).toBe(0);
});

describe('a range that cannot be had', () => {
  test('is told, and asked for again after a while', async () => {
    let nowMs = 0;
    const { cache, requests, failures, settle } = makeCache({ total: 64, nowMs: () => nowMs });
    cache.get(0);
    requests[0]?.fail(new Error('gone'));
    await settle();
    expect(failures).toEqual([new Error('gone')]);
    cache.get(0);
    expect(requests).toHaveLength(1);
    nowMs = 2_001;
    cache.get(0);
    expect(requests).toHaveLength(2);
    requests[1]?.answer();
    await settle();
    expect(cache.get(0)?.index).toBe(0);
  });

  test('is no frame where the answer has fewer than were asked for', async () => {
    const { cache, requests, settle } = makeCache({ total: 64 });
    cache.get(0);
    requests[0]?.answer(makeFrames(0, 9));
    await settle();
    expect(cache.get(9)?.index).toBe(9);
    expect(cache.get(10)).toBeNull();
  });
});

test('after the end nothing is fetched, kept or told', async () => {
  const { cache, requests, failures, settle, loads } = makeCache();
  cache.get(0);
  cache.close();
  expect(requests.every(({ signal }) => signal.aborted)).toBe(true);
  requests[0]?.answer();
  requests[1]?.fail(new Error('aborted'));
  await settle();
  expect([loads(), failures, cache.bytes]).toEqual([0, [], 0]);
  cache.get(500);
  expect(requests).toHaveLength(3);
});
