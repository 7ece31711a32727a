/** The people of a frame on a canvas: small ones over large ones, their numbers over all. */
import { KEYPOINT_COLUMNS, type Person } from '../frames/decode.ts';
import type { Anatomy } from './anatomy.ts';
import { drawBody } from './body.ts';
import { css, identityColour, readableOn } from './palette.ts';
import { boneWidth } from './style.ts';

/** CSS pixels. */
const THINNEST_CSS_PX = 1.6;
const LABEL_CSS_PX = 12;

export interface Picture {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Pixels of the video in a CSS pixel. */
  readonly pxPerCssPx: number;
}

interface Extent {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The context's unit must be a pixel of the video. */
export function drawPeople(
  context: CanvasRenderingContext2D,
  persons: readonly Person[],
  anatomy: Anatomy,
  { widthPx, heightPx, pxPerCssPx }: Picture,
): void {
  const drawn = persons
    .map((person) => ({ person, extent: extentOf(person.keypoints), colour: identityColour(person.id) }))
    .filter(({ extent }) => Number.isFinite(extent.left))
    .toSorted((a, b) => heightOf(b.extent) - heightOf(a.extent));
  for (const { person, extent, colour } of drawn) {
    const personPx = Math.hypot(extent.right - extent.left, heightOf(extent));
    const limbPx = boneWidth(personPx, Math.hypot(widthPx, heightPx), THINNEST_CSS_PX * pxPerCssPx);
    drawBody(person, { context, anatomy, colour, widthPx: limbPx });
  }
  for (const { person, extent, colour } of drawn) {
    const text = String(person.id);
    const sizePx = LABEL_CSS_PX * pxPerCssPx;
    context.font = `600 ${sizePx}px system-ui, sans-serif`;
    const plateWidth = context.measureText(text).width + sizePx * 0.8;
    const plateHeight = sizePx * 1.4;
    const left = clamp((extent.left + extent.right - plateWidth) / 2, 0, widthPx - plateWidth);
    const top = clamp(extent.top - plateHeight - sizePx * 0.7, 0, heightPx - plateHeight);
    context.fillStyle = css(colour);
    context.beginPath();
    context.roundRect(left, top, plateWidth, plateHeight, plateHeight / 4);
    context.fill();
    context.fillStyle = css(readableOn(colour));
    context.textBaseline = 'middle';
    context.fillText(text, left + sizePx * 0.4, top + plateHeight / 2);
  }
}

function extentOf(keypoints: Float32Array): Extent {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let start = 0; start < keypoints.length; start += KEYPOINT_COLUMNS) {
    const x = keypoints[start] as number;
    const y = keypoints[start + 1] as number;
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return { left, top, right, bottom };
}

function heightOf({ top, bottom }: Extent): number {
  return bottom - top;
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}
