/** One person's bones and joints on a canvas whose unit is a pixel of the video. */
import { KEYPOINT_COLUMNS, type Person } from '../frames/decode.ts';
import type { Anatomy } from './anatomy.ts';
import { type Colour, css, INK, type Side, sideColour } from './palette.ts';
import { STROKES, type Stroke, VISIBILITY_LEVELS } from './style.ts';

const SIDES: readonly Side[] = ['right', 'middle', 'left'];
const OUTLINE_SHARE = 0.5;
const JOINT_SHARE = 0.85;

export interface Pen {
  readonly context: CanvasRenderingContext2D;
  readonly anatomy: Anatomy;
  readonly colour: Colour;
  /** Of a limb, px of the video. */
  readonly widthPx: number;
}

/** The least visible first; all outlines before all colours, so that no outline crosses a neighbour. */
export function drawBody({ keypoints, provenance }: Person, pen: Pen): void {
  const stroke = STROKES[provenance];
  const seen = (joint: number) => keypoints[joint * KEYPOINT_COLUMNS + 3] ?? 0;
  for (const [level, { from, strength }] of VISIBILITY_LEVELS.entries()) {
    const ceiling = VISIBILITY_LEVELS[level + 1]?.from ?? Number.POSITIVE_INFINITY;
    const isOfLevel = (visibility: number) => visibility >= from && visibility < ceiling;
    pen.context.globalAlpha = strength;
    drawBones(keypoints, pen, stroke, (a, b) => isOfLevel(Math.min(seen(a), seen(b))));
    drawJoints(keypoints, pen, stroke, (joint) => isOfLevel(seen(joint)));
  }
  pen.context.globalAlpha = 1;
}

function drawBones(
  keypoints: Float32Array,
  { context, anatomy, colour, widthPx }: Pen,
  { width, dash }: Stroke,
  isChosen: (from: number, to: number) => boolean,
): void {
  const scales = [...new Set(anatomy.bones.map(({ scale }) => scale))];
  const outlinePx = OUTLINE_SHARE * widthPx;
  const strokes = SIDES.flatMap((side) =>
    scales.map((scale) => {
      const path = new Path2D();
      for (const bone of anatomy.bones) {
        if (bone.side !== side || bone.scale !== scale || !isChosen(bone.from, bone.to)) continue;
        path.moveTo(...at(keypoints, bone.from));
        path.lineTo(...at(keypoints, bone.to));
      }
      return { path, linePx: widthPx * scale * width, side };
    }),
  );
  context.lineCap = 'round';
  for (const isOutline of [true, false]) {
    for (const { path, linePx, side } of strokes) {
      const unitPx = linePx + outlinePx;
      context.setLineDash(dash === null ? [] : dash.map((units) => units * unitPx));
      context.lineWidth = isOutline ? unitPx : linePx;
      context.strokeStyle = css(isOutline ? INK : sideColour(colour, side));
      context.stroke(path);
    }
  }
  context.setLineDash([]);
}

function drawJoints(
  keypoints: Float32Array,
  { context, anatomy, colour, widthPx }: Pen,
  { width, isHollow }: Stroke,
  isChosen: (joint: number) => boolean,
): void {
  const outlinePx = OUTLINE_SHARE * widthPx;
  for (const [joint, { side, scale }] of anatomy.joints.entries()) {
    if (!isChosen(joint)) continue;
    const radiusPx = widthPx * JOINT_SHARE * scale * width;
    const [x, y] = at(keypoints, joint);
    const isRing = isHollow && scale === 1; // rings of faces and fingers would be blots
    context.beginPath();
    context.arc(x, y, radiusPx + outlinePx / 2, 0, 2 * Math.PI);
    if (isRing) {
      strokeTwice(context, radiusPx * 0.5, outlinePx, sideColour(colour, side));
    } else {
      context.fillStyle = css(INK);
      context.fill();
      context.beginPath();
      context.arc(x, y, radiusPx, 0, 2 * Math.PI);
      context.fillStyle = css(sideColour(colour, side));
      context.fill();
    }
  }
}

function strokeTwice(
  context: CanvasRenderingContext2D,
  linePx: number,
  outlinePx: number,
  colour: Colour,
): void {
  context.lineWidth = linePx + outlinePx;
  context.strokeStyle = css(INK);
  context.stroke();
  context.lineWidth = linePx;
  context.strokeStyle = css(colour);
  context.stroke();
}

function at(keypoints: Float32Array, joint: number): [x: number, y: number] {
  const start = joint * KEYPOINT_COLUMNS;
  return [keypoints[start] ?? Number.NaN, keypoints[start + 1] ?? Number.NaN];
}
