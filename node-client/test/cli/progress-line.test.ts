import { expect, test } from 'vitest';
import { describeProgress } from '../../src/cli/progress-line.ts';

test.for([
  [{ done: 120, total: 300, fps: 84, leftS: 2.1 }, '120 of 300 frames, 84.0 fps, 3 s left'],
  [{ done: 120, total: null, fps: 0, leftS: null }, '120 frames'],
  [{ done: 120, total: 300, fps: 84, leftS: 2.1, finishing: 60 }, '120 of 300 frames, 84.0 fps, 3 s left'],
  [{ done: 300, total: 300, fps: 84, leftS: 0, finishing: 280 }, '300 of 300 frames, writing: 280'],
  [{ done: 300, total: 300, fps: 84, leftS: 0 }, '300 of 300 frames, 84.0 fps, 0 s left'],
] as const)('%j is told as "%s"', ([progress, text]) => {
  expect(describeProgress(progress)).toBe(text);
});
