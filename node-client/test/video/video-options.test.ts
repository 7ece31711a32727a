import { expect, test } from 'vitest';
import { PoseError } from '../../src/index.ts';
import { resolveVideoOptions } from '../../src/video/video-options.ts';

test.for([
  [{ assemble: { maxGapS: Number.NaN } }, 'assemble.maxGapS must be a number of seconds, got NaN'],
  [
    { assemble: { extrapolateS: Number.POSITIVE_INFINITY } },
    'assemble.extrapolateS must be a number of seconds',
  ],
  [{ assemble: { maxGapS: '1' } }, "assemble.maxGapS must be a number of seconds, got '1'"],
  [{ minScore: Number.NaN }, 'minScore must be a number from 0 to 1, got NaN'],
  [{ timeoutMs: 0 }, 'timeoutMs must be a number over 0'],
  [{ maxDurationS: 0 }, 'maxDurationS must be a number of seconds over 0, got 0'],
  [{ maxDurationS: '9' }, "maxDurationS must be a number of seconds over 0, got '9'"],
] as const)('%j is refused by its name', ([options, words]) => {
  const resolve = () => resolveVideoOptions(options as never, true, {});
  expect(resolve).toThrow(PoseError);
  expect(resolve).toThrow(words);
});

test('what is right passes', () => {
  const { params } = resolveVideoOptions({ assemble: { maxGapS: 2, keepRaw: true } }, true, {});
  expect(resolveVideoOptions({ maxDurationS: 0.5 }, true, {}).params).toMatchObject({ max_duration_s: 0.5 });
  expect(params).not.toHaveProperty('max_duration_s');
  expect(params).toMatchObject({ overlay: true, assemble: { max_gap_s: 2, keep_raw: true } });
});
