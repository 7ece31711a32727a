/** One image as a piece of work for a daemon. */
import type { ImageInput } from './image.ts';
import { toRequestImage } from './image.ts';
import type { Work } from './process/work.ts';
import { type PoseResult, toPoseResult } from './result.ts';

/** Throws INVALID_REQUEST when the image is none. */
export function estimateWork(image: ImageInput, minScore?: number): Work<PoseResult> {
  const { params, body } = toRequestImage(image, minScore);
  return {
    op: 'estimate',
    params: { ...params },
    body,
    read: (message, bytes, { skeleton }) => toPoseResult(message, bytes, skeleton),
  };
}
