import { beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../src/testing/index.ts';

let clock: FakeClock;
let ran: string[];
beforeEach(() => {
  clock = new FakeClock();
  ran = [];
});

const note = (name: string) => () => {
  ran.push(`${name} at ${clock.nowMs()}`);
};

describe('advance', () => {
  test('runs what is due in the order of time, then of setting, each at its own time', () => {
    clock.after(20, note('c'));
    clock.after(10, note('a'));
    clock.deadline(10, note('b'));
    clock.after(21, note('d'));
    clock.advance(20);
    expect(ran).toEqual(['a at 10', 'b at 10', 'c at 20']);
    expect(clock.nowMs()).toBe(20);
    expect(clock.pending).toBe(1);
    expect(clock.nextAtMs).toBe(21);
    expect(clock.dueAtMs).toEqual([21]);
  });

  test('runs what a timer sets, if it is due as well', () => {
    clock.after(10, () => {
      clock.after(5, note('soon'));
      clock.after(50, note('later'));
    });
    clock.advance(20);
    expect(ran).toEqual(['soon at 15']);
  });

  test('by 0 runs what is due now, and a negative delay is none', () => {
    clock.after(0, note('a'));
    clock.after(-5, note('b'));
    clock.advance(0);
    expect(ran).toEqual(['a at 0', 'b at 0']);
  });

  test.for([-1, Number.NaN, Number.POSITIVE_INFINITY])('by %f is refused', (ms) => {
    expect(() => clock.advance(ms)).toThrow(`a clock moves by a number of milliseconds from 0, got ${ms}`);
  });

  test('an error of a timer comes out of it, and the others are still there', () => {
    clock.after(1, () => {
      throw new Error('mine');
    });
    clock.after(2, note('next'));
    expect(() => clock.advance(5)).toThrow('mine');
    clock.advance(5);
    expect(ran).toEqual(['next at 2']);
  });
});

test('what was cancelled does not run, also when a timer of the same moment cancels it', () => {
  const stop = clock.deadline(10, note('deadline'));
  const timer = clock.after(10, note('timer'));
  clock.after(5, stop);
  clock.after(10, note('kept'));
  timer.cancel();
  timer.cancel();
  clock.advance(10);
  expect(ran).toEqual(['kept at 10']);
  stop();
  expect(clock.pending).toBe(0);
});

test('pass lets promises settle before, between and after', async () => {
  void Promise.resolve().then(note('before'));
  clock.after(10, () => void Promise.resolve().then(() => clock.after(5, note('set by a promise'))));
  await clock.pass(20);
  expect(ran).toEqual(['before at 0', 'set by a promise at 15']);
  expect(clock.nowMs()).toBe(20);
});

test('stall makes everything late, in its order', () => {
  clock.after(10, note('a'));
  clock.after(20, note('b'));
  clock.after(200, note('c'));
  clock.stall(100);
  expect(ran).toEqual(['a at 100', 'b at 100']);
  clock.advance(100);
  expect(ran.at(-1)).toBe('c at 200');
});

test('ten thousand timers are no burden', () => {
  for (let index = 0; index < 10_000; index += 1) clock.after((index * 7_919) % 10_000, note(`${index}`));
  clock.advance(10_000);
  const times = ran.map((one) => Number(one.split(' at ')[1]));
  expect(times).toHaveLength(10_000);
  expect(times).toEqual([...times].sort((a, b) => a - b));
});
