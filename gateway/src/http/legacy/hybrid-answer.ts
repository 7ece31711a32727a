/** The old answer about one picture. What the default model does not have, meshes and cameras, is null. */
import type { Person, PoseResult, Skeleton } from 'pose-sidecar';
import { nullable } from '../schemas.ts';

export interface OldKeypoint {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly confidence: number;
}

export const KEYPOINTS_SCHEMA = {
  type: 'array',
  description: 'of the most certain person, in pixels; empty when nobody is in the picture',
  items: {
    type: 'object',
    required: ['name', 'x', 'y', 'z', 'confidence'],
    properties: {
      name: { type: 'string' },
      x: { type: 'number' },
      y: { type: 'number' },
      z: { type: 'number', description: 'pixels; 0 where the model has no depth' },
      confidence: { type: 'number' },
    },
  },
} as const;

const NO_CAMERA = { scale: null, tx: null, ty: null, type: 'none' } as const;

export const HYBRID_SCHEMA = {
  type: 'object',
  required: [
    'frame_number',
    'keypoints',
    'has_3d',
    'mesh_vertices_data',
    'mesh_faces_data',
    'camera_translation',
    'camera_params',
    'camera_full',
    'detection',
    'phalp_available',
    'processing_time_ms',
    'error',
  ],
  properties: {
    frame_number: { type: 'integer' },
    keypoints: KEYPOINTS_SCHEMA,
    has_3d: { type: 'boolean', description: 'are there world keypoints?' },
    keypoints_3d: { type: ['array', 'null'], description: 'rows of x, y, z in metres, hip-centred' },
    mesh_vertices_data: nullable('array'),
    mesh_faces_data: nullable('array'),
    camera_translation: nullable('array'),
    camera_params: {
      type: 'object',
      description: 'type is none, and the rest null, for models without a camera',
    },
    camera_full: { type: 'object' },
    detection: { type: 'object' },
    phalp_available: { type: 'boolean' },
    processing_time_ms: { type: 'number' },
    error: nullable('string'),
  },
} as const;

export type HybridAnswer = Readonly<Record<string, unknown>>;

export function hybridAnswer(frameNumber: number, result: PoseResult): HybridAnswer {
  const { persons, skeleton, timingsMs, width, height } = result;
  const [person] = persons;
  const box = person?.bboxXyxy;
  return {
    frame_number: frameNumber,
    keypoints: person === undefined ? [] : oldKeypoints(person, skeleton),
    has_3d: person !== undefined && person.keypointsWorld !== null,
    keypoints_3d: rows(person?.keypointsWorld ?? null),
    ...NO_MESH,
    camera_full: { ...NO_MESH.camera_full, img_width: width, img_height: height },
    detection: {
      box_center: box ? [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2] : null,
      box_size: box ? Math.max(box[2] - box[0], box[3] - box[1]) : null,
      vitdet_used: false,
      num_persons_detected: persons.length,
    },
    phalp_available: true,
    processing_time_ms: timingsMs.total ?? 0,
    error: null,
  };
}

/** A picture of a batch that could not be read. */
export function hybridFailure(frameNumber: number, error: string): HybridAnswer {
  return {
    frame_number: frameNumber,
    keypoints: [],
    has_3d: false,
    keypoints_3d: null,
    ...NO_MESH,
    detection: { box_center: null, box_size: null, vitdet_used: false, num_persons_detected: 0 },
    phalp_available: true,
    processing_time_ms: 0,
    error,
  };
}

export function oldKeypoints(
  { keypoints }: Pick<Person, 'keypoints'>,
  { keypoints: names }: Skeleton,
): OldKeypoint[] {
  return names.map((name, row) => {
    const [x = 0, y = 0, z = 0, confidence = 0] = keypoints.subarray(row * 4, row * 4 + 4);
    return { name, x, y, z, confidence };
  });
}

const NO_MESH = {
  mesh_vertices_data: null,
  mesh_faces_data: null,
  camera_translation: null,
  camera_params: NO_CAMERA,
  camera_full: {
    tx: null,
    ty: null,
    tz: null,
    focal_length: null,
    img_width: null,
    img_height: null,
    type: 'none',
  },
} as const;

const WORLD_COLUMNS = 3;

function rows(world: Float32Array | null): number[][] | null {
  if (world === null) return null;
  return Array.from({ length: world.length / WORLD_COLUMNS }, (_, row) => [
    ...world.subarray(row * WORLD_COLUMNS, (row + 1) * WORLD_COLUMNS),
  ]);
}
