import { expect, test } from 'vitest';
import { estimateWork } from '../src/estimate-work.ts';

const raw = { data: new Uint8Array(4), width: 2, height: 2, format: 'gray8' as const };

test.for([
  [undefined, {}],
  [{}, {}],
  [{ minScore: 0 }, { min_score: 0 }],
  [{ faces: true }, { faces: true }],
  [{ faces: false }, {}],
  [
    { minScore: 0.5, faces: true, deadlineMs: 5, trace: 'x' },
    { min_score: 0.5, faces: true },
  ],
] as const)('%j asks for %j beside the image', ([options, asked]) => {
  const work = estimateWork(raw, options);
  expect(work.params).toEqual({ width: 2, height: 2, format: 'gray8', ...asked });
  expect(work.body).toBe(raw.data);
});
