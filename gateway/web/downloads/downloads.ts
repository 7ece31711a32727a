/** What can be taken along of a result. */
import type { JobFile } from '../api/client.ts';
import type { Job } from '../api/types.ts';

export interface Download {
  readonly file: JobFile;
  readonly name: string;
  readonly meaning: string;
  /** `made`: it may have to be made first. `page`: it opens in a new tab. */
  readonly kind: 'kept' | 'made' | 'page';
}

const RESULTS: readonly Download[] = [
  { file: 'overlay.mp4', name: 'overlay.mp4', meaning: 'people drawn into the video', kind: 'kept' },
  { file: 'poses.jsonl', name: 'poses.jsonl', meaning: 'every frame, one line each', kind: 'kept' },
  { file: 'summary.json', name: 'summary.json', meaning: 'what was found, in numbers', kind: 'kept' },
  { file: 'report', name: 'Report', meaning: 'one page, in a new tab', kind: 'page' },
];

export const EXPORTS: readonly Download[] = [
  { file: 'exports/csv', name: 'CSV', meaning: 'a table, one row per joint', kind: 'made' },
  { file: 'exports/coco', name: 'COCO', meaning: 'keypoint results', kind: 'made' },
  { file: 'exports/openpose', name: 'OpenPose', meaning: 'a zip with a file per frame', kind: 'made' },
  { file: 'exports/mot', name: 'MOT', meaning: 'boxes with ids', kind: 'made' },
];

/** Of a completed job; the overlay only where one was asked for. */
export function resultFiles({ options }: Pick<Job, 'options'>): readonly Download[] {
  return RESULTS.filter(({ file }) => file !== 'overlay.mp4' || options.overlay !== false);
}
