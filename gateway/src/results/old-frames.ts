/** Frames in the two shapes of the previous service. What the model does not have, meshes and cameras, is null. */
import type { Person, Skeleton } from 'pose-sidecar';

/** A person in a line of poses.jsonl. */
interface StoredPerson {
  readonly id: number;
  readonly score: number;
  readonly provenance: Person['provenance'];
  readonly distance: number;
  readonly bbox_xyxy: readonly number[];
  readonly keypoints: readonly (readonly number[])[];
  readonly keypoints_world: readonly (readonly number[])[] | null;
}

export interface StoredFrame {
  readonly frame: number;
  readonly time_s: number;
  readonly persons: readonly StoredPerson[];
}

const SEEN: ReadonlySet<string> = new Set(['detected', 'low_score']);
const NO_CAMERA = { tx: null, ty: null, tz: null };

export function parseLine(line: string): StoredFrame {
  return JSON.parse(line) as StoredFrame;
}

/** An entry of `frames` in the answer of `/pose/video`. */
export function videoFrame({ frame, time_s, persons }: StoredFrame): Readonly<Record<string, unknown>> {
  return {
    frame_number: frame,
    timestamp: time_s,
    persons: persons.map((person) => ({
      track_id: person.id,
      confidence: person.score,
      tracking_confidence: trackingConfidence(person),
      smpl: null,
      keypoints_3d: person.keypoints_world,
      keypoints_2d: person.keypoints.map(([x = 0, y = 0, , confidence = 0]) => [x, y, confidence]),
      camera: NO_CAMERA,
      bbox: person.bbox_xyxy,
      mesh_vertices: null,
      provenance: person.provenance,
    })),
  };
}

/** An entry of `meshSequence` in the answer to an upload: the person with the highest score. */
export function meshFrame(
  { frame, time_s, persons }: StoredFrame,
  { keypoints: names }: Skeleton,
): Readonly<Record<string, unknown>> {
  const person = persons.reduce<StoredPerson | null>(
    (best, one) => (best === null || one.score > best.score ? one : best),
    null,
  );
  const rows = person?.keypoints ?? [];
  return {
    frameNumber: frame,
    timestamp: time_s,
    keypoints: rows.map(([x = 0, y = 0, z = 0, confidence = 0], row) => ({
      name: names[row] ?? String(row),
      x,
      y,
      z,
      confidence,
    })),
    has3d: person !== null && person.keypoints_world !== null,
    mesh_vertices_data: null,
    mesh_faces_data: null,
    keypoints3d: person?.keypoints_world ?? null,
    trackId: person?.id ?? null,
    trackingConfidence: person === null ? null : trackingConfidence(person),
    provenance: person?.provenance ?? null,
  };
}

/** 1 where the person was seen; less the farther away the nearest sighting is. */
function trackingConfidence({ provenance, distance }: StoredPerson): number {
  return SEEN.has(provenance) ? 1 : 1 / (1 + Math.max(1, distance));
}
