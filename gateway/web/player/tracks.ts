/** Questions to the runs of a track: who is here, how, and where does it change? */
import { PROVENANCES, type Provenance, type Run, type Track } from '../api/types.ts';

/** The run that holds a frame; null where the person is not there. Runs are in order. */
export function runAt(runs: readonly Run[], frame: number): Run | null {
  let low = 0;
  let high = runs.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const run = runs[middle] as Run;
    if (frame < run[0]) high = middle - 1;
    else if (frame > run[1]) low = middle + 1;
    else return run;
  }
  return null;
}

/** Frames of each provenance. */
export function framesBy({ runs }: Pick<Track, 'runs'>): Readonly<Record<Provenance, number>> {
  const counts = { detected: 0, low_score: 0, interpolated: 0, predicted: 0 };
  for (const [from, to, provenance] of runs) counts[provenance] += to - from + 1;
  return counts;
}

/** As `detected in 87 frames, interpolated in 3`. */
export function trackInWords(
  track: Pick<Track, 'runs'>,
  words: Readonly<Record<Provenance, string>>,
): string {
  const counts = framesBy(track);
  return PROVENANCES.filter((provenance) => counts[provenance] > 0)
    .map(
      (provenance) =>
        `${words[provenance]} in ${counts[provenance]} ${counts[provenance] === 1 ? 'frame' : 'frames'}`,
    )
    .join(', ');
}

/** The nearest frame before or after `frame` at which a run of anybody begins; `frame` itself where there is none. */
export function nextChange(tracks: readonly Track[], frame: number, direction: number): number {
  let nearest: number | null = null;
  for (const { runs } of tracks) {
    for (const [from] of runs) {
      const isAhead = direction > 0 ? from > frame : from < frame;
      if (isAhead && (nearest === null || Math.abs(from - frame) < Math.abs(nearest - frame))) nearest = from;
    }
  }
  return nearest ?? frame;
}
