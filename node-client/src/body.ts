/** Bodies of a result: parameters of a mesh model, where it stands before the camera, and its mesh. */
import { findArray, float32View, misfit, perPerson } from './result-arrays.ts';
import type { ResultMessage } from './wire/generated/messages.ts';

/**
 * A person's body. A point `p` of it lies at `p + translation` before the camera (x right, y down, z away, metres) and
 * is seen at pixel `focalPx * (x, y) / z + (width, height) / 2`. Rotation matrices lie row after row.
 */
export interface Body {
  /** Rotation of the whole body about its first joint, 3 x 3. */
  readonly globalOrient: Float32Array;
  /** Each further joint's rotation relative to its parent, joints x 3 x 3; 23 joints in SMPL. */
  readonly bodyPose: Float32Array;
  /** The shape; 10 numbers in SMPL. */
  readonly betas: Float32Array;
  /** `[x, y, z]` in metres. */
  readonly translation: Float32Array;
  /** Focal length of the whole image, pixels. */
  readonly focalPx: number;
  /** Rows of `[x, y, z]` in metres, before `translation`; null unless the estimator's option `meshes` is on. */
  readonly vertices: Float32Array | null;
}

/** x, y, z, focal length. */
const CAMERA_COLUMNS = 4;
const XYZ = 3;
const MATRIX = [3, 3] as const;

/**
 * A function from a person's index to that person's body; it answers null for all when the people have none. Throws
 * WireError when an array is missing or does not fit.
 */
export function bodiesOf(
  message: ResultMessage,
  bytes: Uint8Array<ArrayBuffer>,
): (index: number) => Body | null {
  if (findArray(message, 'body_orient') === undefined) return () => null;
  const needed = (name: string, shape: readonly (number | null)[]) => {
    const rows = perPerson(name, shape, message, bytes);
    if (rows === null) throw misfit(`the result has bodies but no ${name}`);
    return rows;
  };
  const globalOrient = needed('body_orient', MATRIX);
  const bodyPose = needed('body_pose', [null, ...MATRIX]);
  const betas = needed('body_betas', [null]);
  const camera = needed('body_camera', [CAMERA_COLUMNS]);
  const vertices = perPerson('body_vertices', [null, XYZ], message, bytes);
  return (index) => ({
    globalOrient: globalOrient(index),
    bodyPose: bodyPose(index),
    betas: betas(index),
    translation: camera(index).subarray(0, XYZ),
    focalPx: camera(index)[XYZ] as number,
    vertices: vertices?.(index) ?? null,
  });
}

/**
 * Rows of three vertex indices, counter-clockwise seen from outside; null when the daemon sent none. Throws WireError
 * when an index is none, or lies beyond the vertices of the same result.
 */
export function facesOf(message: ResultMessage, bytes: Uint8Array<ArrayBuffer>): Uint32Array | null {
  const spec = findArray(message, 'faces');
  if (spec === undefined) return null;
  const [count = 0, corners] = spec.shape;
  if (spec.shape.length !== 2 || corners !== XYZ) {
    throw misfit(`faces must have shape (f, ${XYZ}), got (${spec.shape.join(', ')})`);
  }
  const numbers = float32View(bytes, spec, count * XYZ);
  const vertices = findArray(message, 'body_vertices')?.shape[1] ?? Number.POSITIVE_INFINITY;
  const wrong = numbers.find((number) => !Number.isInteger(number) || number < 0 || number >= vertices);
  if (wrong !== undefined) throw misfit(`faces must hold indices of ${vertices} vertices, got ${wrong}`);
  return Uint32Array.from(numbers);
}
