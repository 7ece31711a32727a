/** Runs of provenance out of poses.jsonl. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { indexFrames, POSES_FILE } from '../../src/results/frame-index.ts';
import { timelineOf } from '../../src/results/timeline.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

type People = readonly (readonly [id: number | null, provenance: string])[];

async function timeline(frames: readonly People[]) {
  const folder = mkdtempSync(join(tmpdir(), 'pose-timeline-'));
  folders.push(folder);
  const lines = frames.map((people, frame) => ({
    frame,
    time_s: frame / 10,
    persons: people.map(([id, provenance]) => ({ id, provenance })),
  }));
  writeFileSync(
    join(folder, POSES_FILE),
    [{ skeleton: {} }, ...lines].map((line) => `${JSON.stringify(line)}\n`).join(''),
  );
  const index = await indexFrames(folder);
  return { index, timeline: await timelineOf(index) };
}

test('frames of one provenance are one run; an absence and a change end it', async () => {
  const { timeline: result } = await timeline([
    [[2, 'detected']],
    [
      [2, 'detected'],
      [1, 'low_score'],
    ],
    [],
    [[2, 'interpolated']],
    [[2, 'interpolated']],
    [[2, 'detected']],
  ]);
  expect(result).toEqual({
    times_s: [0, 0.1, 0.2, 0.3, 0.4, 0.5],
    persons: [
      { id: 1, runs: [[1, 1, 'low_score']] },
      {
        id: 2,
        runs: [
          [0, 1, 'detected'],
          [3, 4, 'interpolated'],
          [5, 5, 'detected'],
        ],
      },
    ],
  });
});

test('people without ids are numbered by their places', async () => {
  const { timeline: result } = await timeline([
    [
      [null, 'detected'],
      [null, 'detected'],
    ],
  ]);
  expect(result.persons.map(({ id }) => id)).toEqual([1, 2]);
});

test('a video without frames has none', async () => {
  expect((await timeline([])).timeline).toEqual({ times_s: [], persons: [] });
});

test('the file is read once for an index', async () => {
  const { index } = await timeline([[[1, 'detected']]]);
  expect(timelineOf(index)).toBe(timelineOf(index));
});

test('a broken file is told, and read again the next time', async () => {
  const { index } = await timeline([[[1, 'detected']]]);
  const broken = { ...index };
  writeFileSync(index.path, '{"skeleton":{}}\n{"frame":\n');
  await expect(timelineOf(broken)).rejects.toThrow(SyntaxError);
  writeFileSync(index.path, '{"skeleton":{}}\n{"frame":0,"time_s":0,"persons":[]}\n');
  expect((await timelineOf(broken)).times_s).toEqual([0]);
});
