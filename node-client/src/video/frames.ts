/** A frame of a video, as it stands in a line of poses.jsonl. */
import { KEYPOINT_COLUMNS, type Person, WORLD_COLUMNS } from '../result.ts';

/** One human in one frame of a video. Bodies lie in files of their own, bodies.jsonl and bodies.f32. */
export interface VideoPerson extends Omit<Person, 'body'> {
  /** Track id, from 1, in the order of first appearance. */
  readonly id: number;
  /** Frames to the nearest in which this person was seen; 0 where they were. */
  readonly distance: number;
}

export interface VideoFrame {
  /** From 0. */
  readonly frame: number;
  /** Seconds on the container's clock. */
  readonly timeS: number;
  readonly persons: readonly VideoPerson[];
}

interface Line {
  readonly frame: number;
  readonly time_s: number;
  readonly persons: readonly {
    readonly id: number;
    readonly score: number;
    readonly provenance: Person['provenance'];
    readonly distance: number;
    readonly bbox_xyxy: Person['bboxXyxy'];
    readonly keypoints: readonly (readonly number[])[];
    readonly keypoints_world: readonly (readonly number[])[] | null;
  }[];
}

/** Read one line after the header. */
export function parseFrame(line: string): VideoFrame {
  const { frame, time_s: timeS, persons } = JSON.parse(line) as Line;
  return {
    frame,
    timeS,
    persons: persons.map(({ id, score, provenance, distance, bbox_xyxy: bboxXyxy, keypoints, ...rest }) => ({
      id,
      score,
      provenance,
      distance,
      bboxXyxy,
      keypoints: packed(keypoints, KEYPOINT_COLUMNS),
      keypointsWorld: rest.keypoints_world === null ? null : packed(rest.keypoints_world, WORLD_COLUMNS),
    })),
  };
}

/** Frames of several lines, each ended by a newline. */
export function parseFrames(bytes: Uint8Array): VideoFrame[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  return text.split('\n').filter(Boolean).map(parseFrame);
}

function packed(rows: readonly (readonly number[])[], columns: number): Float32Array {
  const values = new Float32Array(rows.length * columns);
  for (const [index, row] of rows.entries()) values.set(row, index * columns);
  return values;
}
