/** Moments of a video and numbers of frames. Frames are shown from their time until the next one's. */

/** Seconds; times of files are rounded to microseconds, players count in floats. */
const TOLERANCE_S = 0.000_5;
/** Where nothing tells how long the last frame is shown. */
const LAST_FRAME_S = 1 / 30;

/** The frame that is shown at `timeS`: 0 before the first, the last after the end; -1 without frames. */
export function frameAt(timesS: readonly number[], timeS: number): number {
  if (timesS.length === 0) return -1;
  let low = 0;
  let high = timesS.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((timesS[middle] as number) <= timeS + TOLERANCE_S) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The middle of a frame's time: where a seek cannot slip to a neighbour. */
export function seekTimeS(timesS: readonly number[], frame: number): number {
  const from = timesS[frame] ?? 0;
  return (from + (timesS[frame + 1] ?? from + lastFrameS(timesS))) / 2;
}

/** Seconds until the last frame is over. */
export function durationS(timesS: readonly number[]): number {
  return timesS.length === 0 ? 0 : (timesS.at(-1) as number) + lastFrameS(timesS);
}

function lastFrameS(timesS: readonly number[]): number {
  const [before, last] = timesS.slice(-2);
  return before !== undefined && last !== undefined && last > before ? last - before : LAST_FRAME_S;
}
