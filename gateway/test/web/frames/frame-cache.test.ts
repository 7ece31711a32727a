/** Frames come by range, stay within bounds, and come again after a failure. */
import { describe, expect, test } from 'vitest';
import type { Frame } from '../../../web/frames/decode.ts';
import { FrameCache, type FrameCacheOptions } from '../../../web/frames/frame-cache.ts';
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

test('a frame that is wanted is fetched with those that follow', async () => {
  const { cache, requests, settle, loads } = makeCache();
  expect(cache.get(12)).toBeNull();
  expect(requests).toEqual([]);
  cache.want(12);
  expect(ranges(requests)).toEqual([
    [8, 15],
    [16, 23],
    [24, 31],
    [32, 39],
  ]);
  requests[0]?.answer();
  await settle();
  expect(loads()).toBe(1);
  expect([cache.get(8)?.index, cache.get(15)?.index, cache.get(16)]).toEqual([8, 15, null]);
  expect(ranges(requests).slice(4)).toEqual([[40, 47]]);
});

test('a skip of a second is no race', () => {
  const { cache, requests } = makeCache();
  cache.want(100);
  cache.want(130);
  expect(ranges(requests)).toEqual([
    [96, 103],
    [128, 135],
    [136, 143],
    [144, 151],
  ]);
});

test('backwards, those before it are fetched, and nothing before the first', () => {
  const { cache, requests } = makeCache();
  cache.want(12, -1);
  expect(ranges(requests)).toEqual([
    [8, 15],
    [0, 7],
  ]);
});

test('the last range ends with the video, and nothing is asked for after it', () => {
  const { cache, requests } = makeCache();
  cache.want(999);
  cache.want(998);
  expect(ranges(requests)).toEqual([[992, 999]]);
});

test('asking again where it raced to fetches no neighbours either', () => {
  const { cache, requests } = makeCache();
  cache.want(700);
  cache.want(701);
  cache.want(700);
  expect(ranges(requests)).toEqual([[696, 703]]);
});

test('a hand that races never has more than four requests open, and what is under it is next', async () => {
  const { cache, requests, settle } = makeCache({ total: 18_000 });
  for (let frame = 500; frame < 18_000; frame += 500) cache.want(frame);
  expect(requests).toHaveLength(4);
  requests[0]?.answer();
  await settle();
  expect(ranges(requests).slice(4)).toEqual([[17_496, 17_503]]);
  requests[1]?.answer();
  requests[2]?.answer();
  await settle();
  expect(requests).toHaveLength(5); // no neighbours of where it raced past
});

describe('whoever waits for a frame', () => {
  test('is told when it is here', async () => {
    const { cache, requests } = makeCache();
    const waiting = cache.untilLoaded(70);
    requests[0]?.answer();
    expect(await waiting).toBe(true);
    expect(cache.get(70)?.index).toBe(70);
    expect(await cache.untilLoaded(71)).toBe(true);
  });

  test('is told when it cannot be had, and at once when that was a moment ago', async () => {
    const { cache, requests } = makeCache({ total: 8, nowMs: () => 0 });
    const waiting = cache.untilLoaded(0);
    requests[0]?.fail(new Error('gone'));
    expect(await waiting).toBe(true);
    expect(await cache.untilLoaded(0)).toBe(true);
    expect(requests).toHaveLength(1);
  });

  test('is told when it was passed over before its turn', async () => {
    const { cache, requests } = makeCache({ total: 18_000 });
    for (const frame of [5_000, 6_000, 7_000, 8_000]) cache.want(frame);
    const waiting = cache.untilLoaded(9_000);
    cache.want(10_000);
    requests[0]?.answer();
    expect(await waiting).toBe(false);
  });

  test('does not wait for ever when the end comes', async () => {
    const { cache, requests } = makeCache();
    const waiting = cache.untilLoaded(0);
    cache.close();
    for (const { fail } of requests) fail(new Error('aborted'));
    expect(await waiting).toBe(true);
  });
});

test('memory stays within its bound over a whole video; what was looked at last stays', async () => {
  const maxBytes = 256 * 1024;
  const { cache, requests, settle } = makeCache({ total: 18_000, maxBytes });
  let highest = 0;
  for (let frame = 0; frame < 18_000; frame += 8) {
    cache.want(frame);
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
  cache.want(0);
  requests[0]?.answer();
  await settle();
  expect(cache.get(0)?.index).toBe(0);
});

describe('a range that cannot be had', () => {
  test('is told, and asked for again after a while', async () => {
    let nowMs = 0;
    const { cache, requests, failures, settle } = makeCache({ total: 8, nowMs: () => nowMs });
    cache.want(0);
    requests[0]?.fail(new Error('gone'));
    await settle();
    expect(failures).toEqual([new Error('gone')]);
    cache.want(0);
    expect(requests).toHaveLength(1);
    nowMs = 2_001;
    cache.want(0);
    expect(requests).toHaveLength(2);
    requests[1]?.answer();
    await settle();
    expect(cache.get(0)?.index).toBe(0);
  });

  test('is no frame where the answer has fewer than were asked for', async () => {
    const { cache, requests, settle } = makeCache({ total: 8 });
    cache.want(0);
    requests[0]?.answer(makeFrames(0, 5));
    await settle();
    expect(cache.get(5)?.index).toBe(5);
    expect(cache.get(6)).toBeNull();
  });
});

test('after the end nothing is fetched, kept or told', async () => {
  const { cache, requests, failures, settle, loads } = makeCache();
  cache.want(0);
  cache.close();
  expect(requests.every(({ signal }) => signal.aborted)).toBe(true);
  requests[0]?.answer();
  requests[1]?.fail(new Error('aborted'));
  await settle();
  expect([loads(), failures, cache.bytes]).toEqual([0, [], 0]);
  const asked = requests.length;
  cache.want(500);
  expect(requests).toHaveLength(asked);
});
