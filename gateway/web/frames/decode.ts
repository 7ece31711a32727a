/** Frames as the page holds them: numbers in typed arrays, a tenth of what objects take. */
import type { FrameLine, Provenance } from '../api/types.ts';

/** Columns of `keypoints` and of `world`. */
export const KEYPOINT_COLUMNS = 4;
export const WORLD_COLUMNS = 3;
/** What a person takes beside its arrays, roughly. */
const PERSON_BYTES = 300;

export interface Person {
  readonly id: number;
  readonly score: number;
  readonly provenance: Provenance;
  /** Rows x, y, z, visibility; px of the upright frame. */
  readonly keypoints: Float32Array;
  /** Rows x, y, z; metres, from the hips, y down; null where the model has none. */
  readonly world: Float32Array | null;
}

export interface Frame {
  readonly index: number;
  readonly persons: readonly Person[];
}

export function decodeFrame({ frame, persons }: FrameLine): Frame {
  return {
    index: frame,
    persons: persons.map(({ id, score, provenance, keypoints, keypoints_world }, place) => ({
      id: id ?? place + 1,
      score,
      provenance,
      keypoints: packed(keypoints, KEYPOINT_COLUMNS),
      world: keypoints_world === null ? null : packed(keypoints_world, WORLD_COLUMNS),
    })),
  };
}

/** Memory of a frame. */
export function bytesOf({ persons }: Frame): number {
  return persons.reduce(
    (sum, { keypoints, world }) => sum + PERSON_BYTES + keypoints.byteLength + (world?.byteLength ?? 0),
    PERSON_BYTES,
  );
}

function packed(rows: readonly (readonly number[])[], columns: number): Float32Array {
  const values = new Float32Array(rows.length * columns);
  let at = 0;
  for (const row of rows) {
    for (let column = 0; column < columns; column += 1) values[at + column] = row[column] ?? Number.NaN;
    at += columns;
  }
  return values;
}
