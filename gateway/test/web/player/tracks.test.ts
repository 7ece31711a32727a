/** Questions to runs. */
import { expect, test } from 'vitest';
import type { Run, Track } from '../../../web/api/types.ts';
import { PROVENANCE_WORDS } from '../../../web/draw/style.ts';
import { framesBy, nextChange, runAt, trackInWords } from '../../../web/player/tracks.ts';

const RUNS: readonly Run[] = [
  [2, 9, 'detected'],
  [10, 11, 'interpolated'],
  [12, 40, 'detected'],
  [60, 60, 'predicted'],
];
const TRACKS: readonly Track[] = [
  { id: 1, runs: RUNS },
  { id: 2, runs: [[30, 35, 'low_score']] },
];

test.for([
  [0, null],
  [2, 'detected'],
  [9, 'detected'],
  [10, 'interpolated'],
  [11, 'interpolated'],
  [40, 'detected'],
  [41, null],
  [60, 'predicted'],
  [61, null],
] as const)('at frame %i it is %s', ([frame, provenance]) => {
  expect(runAt(RUNS, frame)?.[2] ?? null).toBe(provenance);
});

test('nobody is nowhere', () => {
  expect(runAt([], 0)).toBeNull();
});

test('frames are counted by provenance and said in words', () => {
  expect(framesBy({ runs: RUNS })).toEqual({ detected: 37, low_score: 0, interpolated: 2, predicted: 1 });
  expect(trackInWords({ runs: RUNS }, PROVENANCE_WORDS)).toBe(
    'detected in 37 frames, interpolated in 2 frames, predicted in 1 frame',
  );
});

test.for([
  ['forward to the next change', 9, 1, 10],
  ['forward to the one of somebody else', 12, 1, 30],
  ['back to the one before', 12, -1, 10],
  ['back from within a run to its start', 20, -1, 12],
  ['forward from the last stays', 60, 1, 60],
  ['back from the first stays', 2, -1, 2],
] as const)('%s', ([, frame, direction, expected]) => {
  expect(nextChange(TRACKS, frame, direction)).toBe(expected);
});
