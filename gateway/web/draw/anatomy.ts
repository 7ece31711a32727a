/** What of a skeleton the drawing needs, by the names of its keypoints, as in sidecar/overlay/anatomy.py. */
import type { Skeleton } from '../api/types.ts';
import type { Side } from './palette.ts';

/** Faces and fingers: drawn finer. */
const DETAILS = ['nose', 'eye', 'ear', 'mouth', 'pinky', 'thumb', 'index'];
export const FINE = 0.55;

export interface Bone {
  readonly from: number;
  readonly to: number;
  readonly side: Side;
  /** Factor on the width; 1 for limbs. */
  readonly scale: number;
}

export interface Joint {
  readonly side: Side;
  readonly scale: number;
}

export interface Anatomy {
  readonly bones: readonly Bone[];
  readonly joints: readonly Joint[];
}

export function anatomyOf({ keypoints, edges }: Pick<Skeleton, 'keypoints' | 'edges'>): Anatomy {
  const joints = keypoints.map((name) => ({ side: sideOf(name), scale: isDetail(name) ? FINE : 1 }));
  const bones = edges.flatMap(([from, to]) => {
    const [first, second] = [joints[from], joints[to]];
    if (first === undefined || second === undefined) return [];
    const scale = Math.min(first.scale, second.scale);
    return [{ from, to, side: boneSide(first.side, second.side), scale }];
  });
  return { bones, joints };
}

function sideOf(name: string): Side {
  const words = name.split('_');
  if (words.includes('left')) return 'left';
  return words.includes('right') ? 'right' : 'middle';
}

function boneSide(first: Side, second: Side): Side {
  if (first === second || second === 'middle') return first;
  return first === 'middle' ? second : 'middle';
}

function isDetail(name: string): boolean {
  const words = name.split('_');
  return !words.includes('foot') && words.some((word) => DETAILS.includes(word));
}
