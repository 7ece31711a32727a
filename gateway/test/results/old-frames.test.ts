/** Frames in the previous service's two shapes. */
import { expect, test } from 'vitest';
import { meshFrame, type StoredFrame, videoFrame } from '../../src/results/old-frames.ts';

const SKELETON = { name: 's', keypoints: ['nose', 'hip'], edges: [], has_z: true, has_world: true };

function makePerson(changes: Partial<StoredFrame['persons'][number]> = {}) {
  return {
    id: 1,
    score: 0.9,
    provenance: 'detected' as const,
    distance: 0,
    bbox_xyxy: [1, 2, 3, 4],
    keypoints: [
      [10, 20, 5, 0.8],
      [11, 21, 6, 0.7],
    ],
    keypoints_world: [
      [0.1, 0.2, 0.3],
      [0, 0, 0],
    ],
    ...changes,
  };
}

test('a frame of a video', () => {
  expect(videoFrame({ frame: 7, time_s: 0.25, persons: [makePerson()] })).toEqual({
    frame_number: 7,
    timestamp: 0.25,
    persons: [
      {
        track_id: 1,
        confidence: 0.9,
        tracking_confidence: 1,
        smpl: null,
        keypoints_3d: [
          [0.1, 0.2, 0.3],
          [0, 0, 0],
        ],
        keypoints_2d: [
          [10, 20, 0.8],
          [11, 21, 0.7],
        ],
        camera: { tx: null, ty: null, tz: null },
        bbox: [1, 2, 3, 4],
        mesh_vertices: null,
        provenance: 'detected',
      },
    ],
  });
});

test.for([
  ['detected', 0, 1],
  ['low_score', 0, 1],
  ['interpolated', 1, 0.5],
  ['interpolated', 4, 0.2],
  ['predicted', 9, 0.1],
] as const)('%s at a distance of %i has a tracking confidence of %f', ([provenance, distance, expected]) => {
  const persons = [makePerson({ provenance, distance })];
  expect(videoFrame({ frame: 0, time_s: 0, persons })).toMatchObject({
    persons: [{ tracking_confidence: expected }],
  });
});

test('a frame of a mesh sequence is about the person with the highest score', () => {
  const persons = [makePerson({ score: 0.3 }), makePerson({ id: 2, score: 0.8 })];
  expect(meshFrame({ frame: 3, time_s: 0.1, persons }, SKELETON)).toEqual({
    frameNumber: 3,
    timestamp: 0.1,
    keypoints: [
      { name: 'nose', x: 10, y: 20, z: 5, confidence: 0.8 },
      { name: 'hip', x: 11, y: 21, z: 6, confidence: 0.7 },
    ],
    has3d: true,
    mesh_vertices_data: null,
    mesh_faces_data: null,
    keypoints3d: [
      [0.1, 0.2, 0.3],
      [0, 0, 0],
    ],
    trackId: 2,
    trackingConfidence: 1,
    provenance: 'detected',
  });
});

test('a frame without anybody is an entry all the same', () => {
  const empty = { frame: 3, time_s: 0.1, persons: [] };
  expect(videoFrame(empty)).toEqual({ frame_number: 3, timestamp: 0.1, persons: [] });
  expect(meshFrame(empty, SKELETON)).toMatchObject({
    frameNumber: 3,
    keypoints: [],
    has3d: false,
    trackId: null,
  });
});
