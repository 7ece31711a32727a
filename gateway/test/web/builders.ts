/** Frames and people for tests, as the gateway gives them. */
import type { FrameLine, Provenance, Skeleton } from '../../web/api/types.ts';
import { decodeFrame, type Frame, type Person } from '../../web/frames/decode.ts';

/** Two limbs, one of each side, and a face. */
export const SMALL: Skeleton = {
  name: 'small',
  keypoints: ['nose', 'left_shoulder', 'right_shoulder', 'left_hip', 'right_hip'],
  edges: [
    [1, 2],
    [1, 3],
    [2, 4],
  ],
  has_world: true,
};

type PersonLine = FrameLine['persons'][number];

export function personLine(more: Partial<PersonLine> = {}): PersonLine {
  return {
    id: 1,
    score: 0.9,
    provenance: 'detected',
    bbox_xyxy: [10, 10, 40, 90],
    keypoints: SMALL.keypoints.map((_, joint) => [10 + joint, 20 + joint * 10, 0.5, 0.9]),
    keypoints_world: SMALL.keypoints.map((_, joint) => [joint / 10, joint / 5, -joint / 10]),
    ...more,
  };
}

export function frameLine(frame: number, persons: readonly PersonLine[] = [personLine()]): FrameLine {
  return { frame, time_s: frame / 30, persons };
}

export function makeFrames(from: number, to: number): Frame[] {
  return Array.from({ length: to - from + 1 }, (_, place) => decodeFrame(frameLine(from + place)));
}

export function makePerson(provenance: Provenance, more: Partial<PersonLine> = {}): Person {
  return decodeFrame(frameLine(0, [personLine({ provenance, ...more })])).persons[0] as Person;
}
