/** What a call returns: people, with their keypoints as views of the bytes that came over the wire. */
import { type Body, bodiesOf, facesOf } from './body.ts';
import { misfit, perPerson } from './result-arrays.ts';
import type { ResultMessage, Skeleton } from './wire/generated/messages.ts';

/** One human in one frame. Lengths in pixels of the upright image, origin top left. */
export interface Person {
  /** Track id from 1, null for single images. */
  readonly id: number | null;
  /** The model's confidence in the person, from 0 to 1. */
  readonly score: number;
  readonly provenance: 'detected' | 'low_score' | 'interpolated' | 'predicted';
  /** Hull of the keypoints, not clipped to the image. */
  readonly bboxXyxy: readonly [x0: number, y0: number, x1: number, y1: number];
  /** Rows of `[x, y, z, visibility]`, one per name in `skeleton.keypoints`. */
  readonly keypoints: Float32Array;
  /** Rows of `[x, y, z]` in metres, hip-centred; null for models without depth. */
  readonly keypointsWorld: Float32Array | null;
  /** Null for models without bodies. */
  readonly body: Body | null;
}

export interface PoseResult {
  /** Of the upright image, pixels. */
  readonly width: number;
  readonly height: number;
  /** Best first; empty when nobody is in the picture. */
  readonly persons: readonly Person[];
  /** What the rows of the keypoints are called and how they are joined. */
  readonly skeleton: Skeleton;
  /** Triangles of the bodies' meshes, rows of three vertex indices; null unless asked for by the option `faces`. */
  readonly faces: Uint32Array | null;
  /** Milliseconds per stage inside the daemon. */
  readonly timingsMs: Readonly<Record<string, number>>;
}

export const KEYPOINT_COLUMNS = 4;
export const WORLD_COLUMNS = 3;

/** Join a result's description with its bytes. Throws WireError when they do not fit together. */
export function toPoseResult(
  message: ResultMessage,
  body: Uint8Array<ArrayBuffer>,
  skeleton: Skeleton,
): PoseResult {
  const persons = message.persons ?? [];
  const keypoints = perPerson('keypoints', [null, KEYPOINT_COLUMNS], message, body);
  const world = perPerson('keypoints_world', [null, WORLD_COLUMNS], message, body);
  const bodyOf = bodiesOf(message, body);
  if (keypoints === null && persons.length > 0) throw misfit('the result has persons but no keypoints');
  return {
    width: message.width ?? 0,
    height: message.height ?? 0,
    persons: persons.map(({ id, score, provenance, bbox_xyxy }, index) => ({
      id,
      score,
      provenance,
      bboxXyxy: bbox_xyxy,
      keypoints: keypoints?.(index) as Float32Array,
      keypointsWorld: world?.(index) ?? null,
      body: bodyOf(index),
    })),
    skeleton,
    faces: facesOf(message, body),
    timingsMs: message.timings_ms ?? {},
  };
}
