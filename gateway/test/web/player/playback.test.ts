/** Where the player stands, whatever the clock says when. */
import { beforeEach, expect, test } from 'vitest';
import { frameAt } from '../../../web/frames/times.ts';
import type { Clock, ClockEvents } from '../../../web/player/clock.ts';
import { Playback } from '../../../web/player/playback.svelte.ts';

const timesS = Array.from({ length: 100 }, (_, frame) => frame / 25);

class FakeClock implements Clock {
  readonly seeks: number[] = [];
  speed = 1;
  isClosed = false;
  readonly events: ClockEvents;
  constructor(events: ClockEvents) {
    this.events = events;
  }
  play() {
    this.events.onPlaying(true);
  }
  pause() {
    this.events.onPlaying(false);
  }
  seek(timeS: number) {
    this.seeks.push(frameAt(timesS, timeS));
  }
  setSpeed(speed: number) {
    this.speed = speed;
  }
  close() {
    this.isClosed = true;
  }
}

let playback: Playback;
let clock: FakeClock;
beforeEach(() => {
  playback = new Playback(timesS);
  playback.attach((events) => (clock = new FakeClock(events)));
});

test('nothing is shown before the first frame is', () => {
  expect(playback.frame).toBe(-1);
  clock.events.onShown(0, false);
  expect(playback.frame).toBe(0);
});

test('steps pile up while the video still seeks, and what is shown is what the video shows', () => {
  clock.events.onShown(0, false);
  for (let press = 0; press < 3; press += 1) playback.step(1);
  expect(clock.seeks).toEqual([1, 2, 3]);
  expect([playback.frame, playback.cursor]).toEqual([0, 3]);
  clock.events.onShown(1 / 25, false);
  expect([playback.frame, playback.cursor]).toEqual([1, 3]);
  clock.events.onShown(3 / 25, false);
  expect([playback.frame, playback.cursor]).toEqual([3, 3]);
});

test('people go ahead of the picture, and say so; the slider stays with the hand', () => {
  playback.toggle();
  clock.events.onShown(5 / 25, false);
  playback.seek(40);
  clock.events.onShown(30 / 25, true);
  expect([playback.frame, playback.isApart, playback.cursor]).toEqual([30, true, 40]);
  clock.events.onShown(40 / 25, false);
  expect([playback.frame, playback.isApart, playback.cursor]).toEqual([40, false, 40]);
  clock.events.onShown(50 / 25, true);
  playback.attach((events) => (clock = new FakeClock(events)));
  expect(playback.isApart).toBe(false);
});

test('a step stops the video', () => {
  playback.toggle();
  expect(playback.isPlaying).toBe(true);
  playback.step(-1);
  expect(playback.isPlaying).toBe(false);
});

test('while it plays the slider follows', () => {
  playback.toggle();
  clock.events.onShown(10 / 25, false);
  expect([playback.frame, playback.cursor]).toEqual([10, 10]);
});

test.for([
  ['before the start', -7, 0],
  ['after the end', 1e9, 99],
  ['between frames', 4.4, 4],
] as const)('a seek %s ends within the video', ([, wanted, frame]) => {
  playback.seek(wanted);
  expect(clock.seeks).toEqual([frame]);
  expect(playback.cursor).toBe(frame);
});

test('a skip goes by seconds', () => {
  playback.skip(1);
  expect(playback.cursor).toBe(25);
  playback.skip(-0.2);
  expect(playback.cursor).toBe(20);
  expect(playback.direction).toBe(-1);
});

test('speeds end at both ends', () => {
  for (let press = 0; press < 9; press += 1) playback.faster(1);
  expect([playback.speed, clock.speed]).toEqual([4, 4]);
  for (let press = 0; press < 9; press += 1) playback.faster(-1);
  expect([playback.speed, clock.speed]).toEqual([0.1, 0.1]);
});

test('another clock goes on where the one before stood', () => {
  playback.seek(40);
  playback.setSpeed(2);
  const first = clock;
  playback.attach((events) => (clock = new FakeClock(events)));
  expect(first.isClosed).toBe(true);
  expect([clock.speed, clock.seeks]).toEqual([2, [40]]);
});
