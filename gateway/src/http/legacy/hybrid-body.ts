/** What the old answer says of a person's mesh and cameras. Without a body all of it is null, and `type` is none. */
import type { Body } from 'pose-sidecar';
import { rowsOf } from '../rows.ts';

/** The square around the person, and the size of the picture; pixels. */
export interface Seen {
  readonly center: readonly [x: number, y: number];
  readonly size: number;
  readonly width: number;
  readonly height: number;
}

const XYZ = 3;
const NO_CAMERA = { scale: null, tx: null, ty: null, type: 'none' } as const;

export const NO_BODY = {
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

/**
 * `camera_full` is the perspective camera of the whole picture; `camera_params` is the same view as a weak perspective
 * of the square that `detection` names (Goel et al. 2023, cam_crop_to_full, solved for the square's camera).
 */
export function bodyFields(body: Body, faces: Uint32Array | null, { center, size, width, height }: Seen) {
  const [tx = 0, ty = 0, tz = 0] = body.translation;
  const pixelsPerUnit = (2 * body.focalPx) / tz;
  return {
    mesh_vertices_data: body.vertices === null ? null : rowsOf(body.vertices, XYZ),
    mesh_faces_data: body.vertices === null || faces === null ? null : rowsOf(faces, XYZ),
    camera_translation: [tx, ty, tz],
    camera_params:
      size > 0 && tz > 0
        ? {
            scale: pixelsPerUnit / size,
            tx: tx - (2 * (center[0] - width / 2)) / pixelsPerUnit,
            ty: ty - (2 * (center[1] - height / 2)) / pixelsPerUnit,
            type: 'weak_perspective',
          }
        : NO_CAMERA,
    camera_full: {
      tx,
      ty,
      tz,
      focal_length: body.focalPx,
      img_width: width,
      img_height: height,
      type: 'perspective',
    },
  };
}
