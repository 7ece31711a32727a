/** People in the room: upright, the right way round, side by side. */
import { expect, test } from 'vitest';
import { HIP_HEIGHT_M, inRoom, placeOf } from '../../../web/world/placing.ts';

test('down becomes up, away becomes into the room', () => {
  const world = new Float32Array([0, 0, 0, 0.25, -0.5, 0.125]);
  expect(inRoom(world, 0, 2)).toEqual([2, HIP_HEIGHT_M, -0]);
  expect(inRoom(world, 1, 0)).toEqual([0.25, HIP_HEIGHT_M + 0.5, -0.125]);
});

test('people stand apart, their middle in the middle', () => {
  expect(placeOf(0, 1)).toBe(0);
  const places = [0, 1, 2].map((number) => placeOf(number, 3));
  expect(places[0]).toBe(-(places[2] as number));
  expect(places[1]).toBe(0);
});
