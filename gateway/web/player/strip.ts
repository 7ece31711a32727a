/** A person's provenance along the video, as a strip: full where seen, hatched and dotted where filled in. */
import { PROVENANCES, type Provenance, type Run } from '../api/types.ts';
import { type Colour, css } from '../draw/palette.ts';

/** What was filled in for a single frame must still be seen. */
const THINNEST_PX = 2;
const HATCH_PX = 6;

export interface Strip {
  readonly context: CanvasRenderingContext2D;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly frames: number;
  readonly colour: Colour;
}

/** What was filled in is drawn last, so that nothing hides it. */
export function drawStrip(runs: readonly Run[], { context, widthPx, heightPx, frames, colour }: Strip): void {
  context.clearRect(0, 0, widthPx, heightPx);
  const perFrame = widthPx / Math.max(1, frames);
  for (const kind of PROVENANCES) {
    for (const [from, to, provenance] of runs) {
      if (provenance !== kind) continue;
      const left = Math.min(from * perFrame, widthPx - THINNEST_PX);
      const width = Math.max((to - from + 1) * perFrame, THINNEST_PX);
      drawRun(context, { kind, left, width, heightPx, colour });
    }
  }
}

interface Drawn {
  readonly kind: Provenance;
  readonly left: number;
  readonly width: number;
  readonly heightPx: number;
  readonly colour: Colour;
}

function drawRun(context: CanvasRenderingContext2D, { kind, left, width, heightPx, colour }: Drawn): void {
  context.fillStyle = css(colour);
  context.strokeStyle = css(colour);
  if (kind === 'detected') context.fillRect(left, 0, width, heightPx);
  if (kind === 'low_score') context.fillRect(left, heightPx / 2, width, heightPx / 2);
  if (kind === 'detected' || kind === 'low_score') return;
  context.clearRect(left, 0, width, heightPx);
  context.save();
  context.beginPath();
  context.rect(left, 0, width, heightPx);
  context.clip();
  context.beginPath();
  if (kind === 'interpolated') {
    for (let x = left - heightPx; x < left + width + heightPx; x += HATCH_PX) {
      context.moveTo(x, heightPx);
      context.lineTo(x + heightPx, 0);
    }
    context.lineWidth = 2;
    context.stroke();
  } else {
    for (let x = left; x < left + width; x += HATCH_PX) context.rect(x, heightPx / 2 - 1.5, 3, 3);
    context.fill();
  }
  context.restore();
}
