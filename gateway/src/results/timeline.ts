/** A whole result in little room: when each frame is shown, and where each person's numbers came from. */
import type { FrameIndex } from './frame-index.ts';
import { frameLines } from './frame-lines.ts';

/** Frames `from` to `to`, both included, of one provenance. */
export type Run = readonly [from: number, to: number, provenance: string];

export interface Timeline {
  /** One per frame. */
  readonly times_s: readonly number[];
  /** In order of id. */
  readonly persons: readonly { readonly id: number; readonly runs: readonly Run[] }[];
}

interface Line {
  readonly frame: number;
  readonly time_s: number;
  readonly persons: readonly { readonly id: number | null; readonly provenance: string }[];
}

const KNOWN = new WeakMap<FrameIndex, Promise<Timeline>>();

/** Reads every frame once; the answer is kept as long as the index is. */
export function timelineOf(index: FrameIndex): Promise<Timeline> {
  const known = KNOWN.get(index);
  if (known !== undefined) return known;
  const timeline = read(index);
  KNOWN.set(index, timeline);
  timeline.catch(() => KNOWN.delete(index));
  return timeline;
}

async function read(index: FrameIndex): Promise<Timeline> {
  const times: number[] = [];
  const runsOf = new Map<number, [number, number, string][]>();
  for await (const lines of frameLines(index)) {
    for (const line of lines) {
      const { frame, time_s, persons } = JSON.parse(line) as Line;
      times.push(time_s);
      for (const [place, { id, provenance }] of persons.entries()) {
        const runs = runsOf.get(id ?? place + 1) ?? [];
        const last = runs.at(-1);
        if (last !== undefined && last[1] === frame - 1 && last[2] === provenance) last[1] = frame;
        else runs.push([frame, frame, provenance]);
        runsOf.set(id ?? place + 1, runs);
      }
    }
  }
  const persons = [...runsOf].toSorted(([a], [b]) => a - b).map(([id, runs]) => ({ id, runs }));
  return { times_s: times, persons };
}
