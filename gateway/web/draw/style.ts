/** How a person is drawn: widths from its size, strokes from the provenance, as in sidecar/overlay/style.py. */
import type { Provenance } from '../api/types.ts';

/** Of the person's diagonal. */
const WIDTH_PER_PERSON = 0.015;
/** Of the picture's diagonal. */
const THINNEST = 0.002_1;
const THICKEST = 0.007_5;

/** Visibility from which a joint is drawn, and with how much of its colour; a bone counts as its fainter end. */
export const VISIBILITY_LEVELS: readonly { readonly from: number; readonly strength: number }[] = [
  { from: Number.NEGATIVE_INFINITY, strength: 0.22 },
  { from: 0.2, strength: 0.5 },
  { from: 0.5, strength: 1 },
];

export interface Stroke {
  /** Factor on the width of bones. */
  readonly width: number;
  /** Dash and gap in widths with outline; solid where null. */
  readonly dash: readonly [on: number, off: number] | null;
  /** Joints are rings. */
  readonly isHollow: boolean;
}

export const STROKES: Readonly<Record<Provenance, Stroke>> = {
  detected: { width: 1, dash: null, isHollow: false },
  low_score: { width: 0.6, dash: null, isHollow: false },
  interpolated: { width: 0.9, dash: [1.8, 3.2], isHollow: true },
  predicted: { width: 1.2, dash: [0.05, 2.3], isHollow: true },
};

export const PROVENANCE_WORDS: Readonly<Record<Provenance, string>> = {
  detected: 'detected',
  low_score: 'low score',
  interpolated: 'interpolated',
  predicted: 'predicted',
};

/** Where a person's numbers came from, for legends. */
export const PROVENANCE_MEANING: Readonly<Record<Provenance, string>> = {
  detected: 'seen in this frame',
  low_score: 'seen, but not surely',
  interpolated: 'filled in between two sightings',
  predicted: 'filled in from motion alone',
};

/** Of a limb, px. */
export function boneWidth(personDiagonalPx: number, imageDiagonalPx: number, thinnestPx: number): number {
  const wanted = personDiagonalPx * WIDTH_PER_PERSON;
  const inPicture = Math.min(Math.max(wanted, THINNEST * imageDiagonalPx), THICKEST * imageDiagonalPx);
  return Math.max(thinnestPx, inPicture);
}
