import { describe, expect, test } from 'vitest';
import { toPoseResult } from '../src/result.ts';
import { float32View } from '../src/result-arrays.ts';
import type { ResultMessage, Skeleton } from '../src/wire/generated/messages.ts';

const skeleton: Skeleton = { name: 's', keypoints: ['a', 'b'], edges: [], has_z: true, has_world: true };
const person = {
  id: null,
  score: 0.9,
  provenance: 'detected' as const,
  bbox_xyxy: [0, 0, 1, 1] as [number, number, number, number],
};

function message(people: number, shape: number[], offset = 0): ResultMessage {
  return {
    type: 'result',
    id: 1,
    width: 8,
    height: 6,
    persons: Array(people).fill(person),
    arrays: [{ name: 'keypoints', shape, offset }],
  };
}

const floats = (count: number) =>
  new Uint8Array(Float32Array.from({ length: count }, (_, index) => index).buffer);

test('keypoints are views of the body, not copies', () => {
  const body = floats(16);
  const { persons } = toPoseResult(message(2, [2, 2, 4]), body, skeleton);
  expect(persons.map(({ keypoints }) => keypoints.buffer)).toEqual([body.buffer, body.buffer]);
  expect(persons.map(({ keypoints }) => keypoints.byteOffset)).toEqual([0, 32]);
  expect([...(persons[1]?.keypoints ?? [])]).toEqual([8, 9, 10, 11, 12, 13, 14, 15]);
  expect(persons[0]?.keypointsWorld).toBeNull();
});

test.for([0, 1, 2, 3])('an array at offset %i reads the same', (offset) => {
  const body = new Uint8Array(new ArrayBuffer(64));
  body.set(floats(4), offset);
  expect([...float32View(body, { name: 'k', shape: [4], offset }, 4)]).toEqual([0, 1, 2, 3]);
});

test('a body that is itself a view at an odd place reads the same', () => {
  const body = new Uint8Array(new ArrayBuffer(64), 3, 16);
  body.set(floats(4));
  expect([...float32View(body, { name: 'k', shape: [4], offset: 0 }, 4)]).toEqual([0, 1, 2, 3]);
});

test('nobody needs no arrays', () => {
  const { persons, timingsMs } = toPoseResult(
    { type: 'result', id: 1, width: 8, height: 6 },
    new Uint8Array(),
    skeleton,
  );
  expect(persons).toEqual([]);
  expect(timingsMs).toEqual({});
});

describe('what does not fit is refused', () => {
  test.for<[what: string, message: ResultMessage, words: string]>([
    ['another number of people', message(2, [1, 2, 4]), 'keypoints must have shape (2, k, 4), got (1, 2, 4)'],
    ['another number of columns', message(1, [1, 2, 3]), 'got (1, 2, 3)'],
    ['too few axes', message(1, [2, 4]), 'got (2, 4)'],
    ['more than the body holds', message(1, [1, 3, 4]), 'keypoints ends at byte 48 of a body of 32'],
    ['an offset past the end', message(1, [1, 2, 4], 4), 'keypoints ends at byte 36 of a body of 32'],
    ['persons without arrays', { ...message(1, []), arrays: [] }, 'the result has persons but no keypoints'],
  ])('%s', ([, result, words]) => {
    expect(() => toPoseResult(result, floats(8), skeleton)).toThrow(words);
  });
});
