/** Where people of a frame stand in the room: side by side, as each one's metres are counted from its own hips. */
import { WORLD_COLUMNS } from '../frames/decode.ts';

/** Metres. */
export const HIP_HEIGHT_M = 0.95;
const APART_M = 1.2;

export type Point = readonly [x: number, y: number, z: number];

/** Metres to the right for each of `count` people, centred. */
export function placeOf(number: number, count: number): number {
  return (number - (count - 1) / 2) * APART_M;
}

/** A joint in the room: y up and towards the viewer, from y down and away from it. */
export function inRoom(world: Float32Array, joint: number, offsetM: number): Point {
  const [x = 0, y = 0, z = 0] = world.subarray(joint * WORLD_COLUMNS, (joint + 1) * WORLD_COLUMNS);
  return [x + offsetM, HIP_HEIGHT_M - y, -z];
}
