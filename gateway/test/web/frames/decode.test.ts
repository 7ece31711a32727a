/** Frames as they are kept: typed, counted in bytes. */
import { expect, test } from 'vitest';
import { bytesOf, decodeFrame } from '../../../web/frames/decode.ts';
import { frameLine, personLine } from '../builders.ts';

test('numbers keep their places', () => {
  const { index, persons } = decodeFrame(frameLine(7));
  expect(index).toBe(7);
  expect(persons).toHaveLength(1);
  expect([...(persons[0]?.keypoints.slice(4, 8) ?? [])]).toEqual([11, 30, 0.5, Math.fround(0.9)]);
  expect([...(persons[0]?.world?.slice(3, 6) ?? [])]).toEqual([0.1, 0.2, -0.1].map(Math.fround));
});

test('people without an id are numbered by their places', () => {
  const { persons } = decodeFrame(frameLine(0, [personLine({ id: null }), personLine({ id: null })]));
  expect(persons.map(({ id }) => id)).toEqual([1, 2]);
});

test('nobody is a frame too', () => {
  expect(decodeFrame(frameLine(0, [])).persons).toEqual([]);
});

test('a model without world keypoints has none', () => {
  expect(decodeFrame(frameLine(0, [personLine({ keypoints_world: null })])).persons[0]?.world).toBeNull();
});

test('a row that is too long does not spill into the next', () => {
  const line = personLine({
    keypoints: [
      [1, 2, 3, 4, 99],
      [5, 6, 7, 8],
    ],
  });
  expect([...(decodeFrame(frameLine(0, [line])).persons[0]?.keypoints ?? [])]).toEqual([
    1, 2, 3, 4, 5, 6, 7, 8,
  ]);
});

test('bytes grow with people', () => {
  const [nobody, two] = [[], [personLine(), personLine()]].map((people) =>
    bytesOf(decodeFrame(frameLine(0, people))),
  );
  expect((two as number) - (nobody as number)).toBeGreaterThan(2 * 5 * (4 + 3) * 4);
});
