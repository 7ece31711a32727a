/** Which frame is shown when, whatever the frame rate does. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { durationS, frameAt, seekTimeS } from '../../../web/frames/times.ts';

const even = [0, 0.033333, 0.066667, 0.1];

test.for([
  ['before the start', -5, 0],
  ['at the start', 0, 0],
  ['within the first', 0.02, 0],
  ['just before the second', 0.0327, 0],
  ['at the second, as a player counts it', 0.03333299, 1],
  ['within the third', 0.08, 2],
  ['at the last', 0.1, 3],
  ['long after the end', 99, 3],
  ['at no time at all', Number.NaN, 0],
] as const)('%s the frame is found', ([, timeS, frame]) => {
  expect(frameAt(even, timeS)).toBe(frame);
});

test('without frames there is none', () => {
  expect(frameAt([], 1)).toBe(-1);
  expect(durationS([])).toBe(0);
});

/** Strictly increasing, by at least 2 ms. */
const times = fc
  .array(fc.integer({ min: 2_000, max: 5_000_000 }), { minLength: 1, maxLength: 200 })
  .map((gapsUs) => {
    let timeUs = 0;
    return [0, ...gapsUs.map((gapUs) => (timeUs += gapUs))].map((us) => us / 1e6);
  });

describe('at any frame rate', () => {
  test('a seek to a frame shows that frame', () => {
    fc.assert(
      fc.property(times, fc.nat(), (timesS, any) => {
        const frame = any % timesS.length;
        expect(frameAt(timesS, seekTimeS(timesS, frame))).toBe(frame);
        expect(frameAt(timesS, timesS[frame] as number)).toBe(frame);
      }),
      { seed: 7 },
    );
  });

  test('a seek stays before the end', () => {
    fc.assert(
      fc.property(times, (timesS) => {
        expect(seekTimeS(timesS, timesS.length - 1)).toBeLessThan(durationS(timesS));
      }),
      { seed: 7 },
    );
  });
});

test('the last frame is shown as long as the one before it', () => {
  expect(durationS(even)).toBeCloseTo(0.133333, 5);
  expect(durationS([0])).toBeCloseTo(1 / 30, 5);
});
