/** The old fields of mesh and cameras, of made results. */
import type { PoseResult } from 'pose-sidecar';
import { describe, expect, test } from 'vitest';
import { hybridAnswer } from '../../src/http/legacy/hybrid-answer.ts';

const SKELETON = { name: 'made', keypoints: ['pelvis'], edges: [], has_z: true, has_world: true };

/** What the published formula makes of the square's camera (0.9, 0.1, -0.2), in the square and picture below. */
const TRANSLATION = [-0.08518518518432786, -0.01481481481567215, 115.74074074020491] as const;
const FOCAL_PX = 12500;

function result({ vertices = null as Float32Array | null, faces = null as Uint32Array | null, side = 240 }) {
  const half = side / 2;
  return {
    width: 640,
    height: 360,
    skeleton: SKELETON,
    faces,
    timingsMs: { total: 5 },
    persons: [
      {
        id: null,
        score: 0.9,
        provenance: 'detected',
        bboxXyxy: [300 - half, 200 - half, 300 + half, 200 + half],
        keypoints: Float32Array.of(1, 2, 3, 0.5),
        keypointsWorld: Float32Array.of(0.25, 0.5, -0.75),
        body: {
          globalOrient: new Float32Array(9),
          bodyPose: new Float32Array(207),
          betas: new Float32Array(10),
          translation: Float32Array.from(TRANSLATION),
          focalPx: FOCAL_PX,
          vertices,
        },
      },
    ],
  } as unknown as PoseResult;
}

describe('a person with a body', () => {
  test('is seen by two cameras that agree', () => {
    const { camera_params, camera_full, camera_translation, detection, keypoints_3d, has_3d } = hybridAnswer(
      3,
      result({}),
    ) as Record<string, Record<string, unknown>>;
    expect(detection).toMatchObject({ box_center: [300, 200], box_size: 240 });
    expect(camera_params).toEqual({
      scale: expect.closeTo(0.9, 5),
      tx: expect.closeTo(0.1, 5),
      ty: expect.closeTo(-0.2, 5),
      type: 'weak_perspective',
    });
    const [tx, ty, tz] = Float32Array.from(TRANSLATION);
    expect(camera_full).toEqual({
      tx,
      ty,
      tz,
      focal_length: FOCAL_PX,
      img_width: 640,
      img_height: 360,
      type: 'perspective',
    });
    expect(camera_translation).toEqual([tx, ty, tz]);
    expect(keypoints_3d).toEqual([[0.25, 0.5, -0.75]]);
    expect(has_3d).toBe(true);
  });

  test('has a mesh where vertices came, and triangles with it', () => {
    const faces = Uint32Array.of(0, 1, 2);
    const vertices = Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0);
    expect(hybridAnswer(0, result({ vertices, faces }))).toMatchObject({
      mesh_vertices_data: [
        [0, 0, 0],
        [1, 0, 0],
        [0, 1, 0],
      ],
      mesh_faces_data: [[0, 1, 2]],
    });
    expect(hybridAnswer(0, result({ faces }))).toMatchObject({
      mesh_vertices_data: null,
      mesh_faces_data: null,
    });
  });

  test('without an extent has no camera of a square, and no number that JSON cannot tell', () => {
    const answer = hybridAnswer(0, result({ side: 0 }));
    expect(answer.camera_params).toEqual({ scale: null, tx: null, ty: null, type: 'none' });
    expect(JSON.parse(JSON.stringify(answer))).toEqual(answer);
  });
});

test('nobody has neither mesh nor camera', () => {
  const answer = hybridAnswer(0, { ...result({}), persons: [] });
  expect(answer).toMatchObject({
    keypoints: [],
    has_3d: false,
    keypoints_3d: null,
    camera_translation: null,
    camera_params: { type: 'none' },
    camera_full: { type: 'none', img_width: 640, img_height: 360 },
    detection: { box_center: null, box_size: null, num_persons_detected: 0 },
  });
});
