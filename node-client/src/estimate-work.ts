/** One image as a piece of work for a daemon. */
import type { EstimateOptions } from './estimate-options.ts';
import type { ImageInput } from './image.ts';
import { toRequestImage } from './image.ts';
import type { Work } from './process/work.ts';
import { type PoseResult, toPoseResult } from './result.ts';

/** Throws INVALID_REQUEST when the image is none. */
export function estimateWork(
  image: ImageInput,
  { minScore, faces = false }: Pick<EstimateOptions, 'minScore' | 'faces'> = {},
): Work<PoseResult> {
  const { params, body } = toRequestImage(image);
  const asked = { ...(minScore === undefined ? {} : { min_score: minScore }), ...(faces ? { faces } : {}) };
  return {
    op: 'estimate',
    params: { ...params, ...asked },
    body,
    read: (message, bytes, { skeleton }) => toPoseResult(message, bytes, skeleton),
  };
}
