/** What a call returns: people, with their keypoints as views of the bytes that came over the wire. */
import type { ArraySpec, ResultMessage, Skeleton } from './wire/generated/messages.ts';
import { WireError } from './wire/wire-error.ts';

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
}

export interface PoseResult {
  /** Of the upright image, pixels. */
  readonly width: number;
  readonly height: number;
  /** Best first; empty when nobody is in the picture. */
  readonly persons: readonly Person[];
  /** What the rows of the keypoints are called and how they are joined. */
  readonly skeleton: Skeleton;
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
  const keypoints = rowsOf('keypoints', KEYPOINT_COLUMNS, message, body);
  const world = rowsOf('keypoints_world', WORLD_COLUMNS, message, body);
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
    })),
    skeleton,
    timingsMs: message.timings_ms ?? {},
  };
}

/** Returns a function from a person's index to its rows, or null when the body holds no such array. */
function rowsOf(
  name: string,
  columns: number,
  { arrays, persons }: ResultMessage,
  body: Uint8Array<ArrayBuffer>,
) {
  const spec = arrays?.find((array) => array.name === name);
  if (spec === undefined) return null;
  const [people = 0, rows = 0, width = 0] = spec.shape;
  if (spec.shape.length !== 3 || people !== (persons?.length ?? 0) || width !== columns) {
    throw misfit(
      `${name} must have shape (${persons?.length ?? 0}, k, ${columns}), got (${spec.shape.join(', ')})`,
    );
  }
  const values = float32View(body, spec, people * rows * width);
  return (index: number) => values.subarray(index * rows * width, (index + 1) * rows * width);
}

/** A view, or a copy where the bytes do not start on a multiple of four. */
export function float32View(
  body: Uint8Array<ArrayBuffer>,
  { name, offset }: ArraySpec,
  count: number,
): Float32Array {
  const byteLength = count * Float32Array.BYTES_PER_ELEMENT;
  if (offset + byteLength > body.byteLength) {
    throw misfit(`${name} ends at byte ${offset + byteLength} of a body of ${body.byteLength}`);
  }
  const start = body.byteOffset + offset;
  if (start % Float32Array.BYTES_PER_ELEMENT === 0) return new Float32Array(body.buffer, start, count);
  return new Float32Array(body.slice(offset, offset + byteLength).buffer);
}

function misfit(sentence: string): WireError {
  return new WireError('InvalidMessage', sentence);
}
