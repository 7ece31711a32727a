/** The room is drawn with every picture where that is quick, and leaves time to others where it is slow. */
import { beforeEach, expect, test, vi } from 'vitest';
import { type Fences, FREE_MS, paceDrawing, REST } from '../../../web/world/pacing.ts';

const PICTURE_MS = 16;
let nowMs = 0;
let ticks: ((nowMs: number) => void)[] = [];
let drawnMs: number[] = [];
let tookMs = 1;

beforeEach(() => {
  [nowMs, ticks, drawnMs, tookMs] = [0, [], [], 1];
  vi.stubGlobal('requestAnimationFrame', (tick: (nowMs: number) => void) => ticks.push(tick));
  vi.stubGlobal('cancelAnimationFrame', () => {
    ticks = [];
  });
});

/** Drawings are done so many milliseconds after they were begun. */
function fences(): Fences & { alive: number } {
  const gl = {
    alive: 0,
    SYNC_GPU_COMMANDS_COMPLETE: 1,
    SYNC_STATUS: 2,
    SIGNALED: 3,
    flush: () => {},
    fenceSync: () => {
      gl.alive += 1;
      return nowMs + tookMs;
    },
    getSyncParameter: (doneMs: unknown) => (nowMs >= (doneMs as number) ? 3 : 4),
    deleteSync: () => {
      gl.alive -= 1;
    },
  };
  return gl as unknown as Fences & { alive: number };
}

function pass(pictures: number, before: () => void = () => {}): void {
  for (let picture = 0; picture < pictures; picture += 1) {
    before();
    nowMs += PICTURE_MS;
    for (const tick of ticks.splice(0)) tick(nowMs);
  }
}

test('quick drawings come with every picture, and none without a wish', () => {
  const pacing = paceDrawing(() => drawnMs.push(nowMs), fences());
  pass(60, () => pacing.draw());
  expect(drawnMs).toHaveLength(60);
  pass(60);
  expect(drawnMs).toHaveLength(60);
  expect(ticks).toEqual([]);
});

test('slow ones rest, one at a time, and the last wish is drawn', () => {
  tookMs = 96;
  const gl = fences();
  const pacing = paceDrawing(() => {
    expect(gl.alive).toBe(0);
    drawnMs.push(nowMs);
  }, gl);
  pass(120, () => pacing.draw());
  const pauses = drawnMs.slice(1).map((atMs, place) => atMs - (drawnMs[place] ?? 0));
  const wanted = tookMs + REST * (tookMs - FREE_MS);
  for (const pauseMs of pauses) {
    expect(pauseMs).toBeGreaterThanOrEqual(wanted);
    expect(pauseMs).toBeLessThan(wanted + 2 * PICTURE_MS);
  }
  const before = drawnMs.length;
  pacing.draw();
  pass(60);
  expect(drawnMs.length).toBe(before + 1);
  expect([gl.alive, ticks]).toEqual([0, []]);
});

test('a lost context is drawn to all the same', () => {
  const pacing = paceDrawing(() => drawnMs.push(nowMs), { ...fences(), fenceSync: () => null });
  pass(5, () => pacing.draw());
  expect(drawnMs).toHaveLength(5);
});

test('after the end nothing is drawn', () => {
  const gl = fences();
  tookMs = 1_000;
  const pacing = paceDrawing(() => drawnMs.push(nowMs), gl);
  pacing.draw();
  pass(1);
  pacing.draw();
  pacing.close();
  pass(100);
  expect([drawnMs.length, gl.alive]).toEqual([1, 0]);
});
