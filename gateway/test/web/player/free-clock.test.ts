/** A clock without a video: seeks wait for their frames, and time passes at the speed that is set. */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { FreeClock } from '../../../web/player/free-clock.ts';

const DURATION_S = 10;

let nowMs = 0;
let ticks: ((nowMs: number) => void)[] = [];
beforeEach(() => {
  nowMs = 0;
  ticks = [];
  vi.stubGlobal('requestAnimationFrame', (tick: (nowMs: number) => void) => ticks.push(tick));
  vi.stubGlobal('cancelAnimationFrame', () => {
    ticks = [];
  });
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
});

function pass(ms: number): void {
  nowMs += ms;
  for (const tick of ticks.splice(0)) tick(nowMs);
}

function makeClock() {
  const shown: number[] = [];
  const playing: boolean[] = [];
  const waiting = new Map<number, (isReady: boolean) => void>();
  const ready = (timeS: number) => new Promise<boolean>((resolve) => waiting.set(timeS, resolve));
  const events = {
    onShown: (timeS: number, isApart: boolean) => shown.push(isApart ? Number.NaN : timeS),
    onPlaying: (isPlaying: boolean) => playing.push(isPlaying),
  };
  const clock = new FreeClock(DURATION_S, ready, events);
  shown.length = 0; // the first is shown at once
  const come = async (timeS: number, isReady = true) => {
    waiting.get(timeS)?.(isReady);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { clock, shown, playing, waiting, come };
}

describe('seeking', () => {
  test('shows a moment when its frame has come', async () => {
    const { clock, shown, come } = makeClock();
    clock.seek(3);
    expect(shown).toEqual([]);
    await come(3);
    expect(shown).toEqual([3]);
  });

  test('while four wait, only the newest wish is kept', async () => {
    const { clock, shown, waiting, come } = makeClock();
    for (const timeS of [1, 2, 3, 4, 5, 6, 7]) clock.seek(timeS);
    expect([...waiting.keys()]).toEqual([1, 2, 3, 4]);
    await come(1);
    expect([...waiting.keys()]).toEqual([1, 2, 3, 4, 7]);
    await come(7);
    expect(shown).toEqual([1, 7]);
  });

  test('what comes late is not shown any more', async () => {
    const { clock, shown, come } = makeClock();
    clock.seek(1);
    clock.seek(2);
    await come(2);
    await come(1);
    expect(shown).toEqual([2]);
  });

  test('what was passed over is left out, and asked for again when nothing came after it', async () => {
    const { clock, shown, come } = makeClock();
    clock.seek(1);
    clock.seek(2);
    await come(1, false);
    await come(2, false);
    expect(shown).toEqual([]);
    await come(2);
    expect(shown).toEqual([2]);
  });

  test('after the end nothing is shown', async () => {
    const { clock, shown, come } = makeClock();
    clock.seek(1);
    clock.close();
    await come(1);
    expect(shown).toEqual([]);
  });
});

describe('playing', () => {
  test('goes at the speed that is set, to the end, and begins again from the start', () => {
    const { clock, shown, playing } = makeClock();
    clock.setSpeed(2);
    clock.play();
    pass(1_000);
    pass(500);
    expect(shown).toEqual([2, 3]);
    pass(60_000);
    expect(shown.at(-1)).toBe(DURATION_S);
    expect(playing).toEqual([true, false]);
    clock.play();
    pass(1_000);
    expect(shown.at(-1)).toBe(2);
  });

  test('stands still when it is stopped', () => {
    const { clock, shown } = makeClock();
    clock.play();
    clock.pause();
    pass(1_000);
    expect(shown).toEqual([]);
  });

  test('a picture from before it began takes no time back', () => {
    const { clock, shown } = makeClock();
    nowMs = 100;
    clock.play();
    for (const tick of ticks.splice(0)) tick(90);
    expect(shown).toEqual([0]);
  });
});
