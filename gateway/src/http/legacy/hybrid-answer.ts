/** The old answer about one picture. What a model does not have, such as meshes and cameras, is null. */
import type { Person, PoseResult, Skeleton } from 'pose-sidecar';
import { rowsOf } from '../rows.ts';
import { nullable } from '../schemas.ts';
import { bodyFields, NO_BODY } from './hybrid-body.ts';

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
    mesh_vertices_data: {
      type: ['array', 'null'],
      description: 'rows of x, y, z in metres, before camera_translation; null unless meshes are on',
    },
    mesh_faces_data: { type: ['array', 'null'], description: 'rows of three vertex indices' },
    camera_translation: {
      type: ['array', 'null'],
      description: 'the body before the camera, x, y, z in metres',
    },
    camera_params: {
      type: 'object',
      description: 'weak perspective of the square in detection; type is none for models without a camera',
    },
    camera_full: { type: 'object', description: 'perspective of the whole picture' },
    detection: { type: 'object' },
    phalp_available: { type: 'boolean' },
    processing_time_ms: { type: 'number' },
    error: nullable('string'),
  },
} as const;

export type HybridAnswer = Readonly<Record<string, unknown>>;

export function hybridAnswer(frameNumber: number, result: PoseResult): HybridAnswer {
  const { persons, skeleton, faces, timingsMs, width, height } = result;
  const [person] = persons;
  const square = person === undefined ? null : squareOf(person.bboxXyxy);
  return {
    frame_number: frameNumber,
    keypoints: person === undefined ? [] : oldKeypoints(person, skeleton),
    has_3d: person !== undefined && person.keypointsWorld !== null,
    keypoints_3d: person?.keypointsWorld ? rowsOf(person.keypointsWorld, 3) : null,
    ...(person?.body && square
      ? bodyFields(person.body, faces, { ...square, width, height })
      : { ...NO_BODY, camera_full: { ...NO_BODY.camera_full, img_width: width, img_height: height } }),
    detection: {
      box_center: square?.center ?? null,
      box_size: square?.size ?? null,
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
    ...NO_BODY,
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

function squareOf([x0, y0, x1, y1]: Person['bboxXyxy']) {
  const center: [number, number] = [(x0 + x1) / 2, (y0 + y1) / 2];
  return { center, size: Math.max(x1 - x0, y1 - y0) };
}
