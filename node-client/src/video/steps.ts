/** The daemon's three operations on videos, as pieces of work. */
import { resolve } from 'node:path';
import { PoseError } from '../errors.ts';
import type { Work } from '../process/work.ts';
import type { PartMessage, ResultMessage } from '../wire/generated/messages.ts';

const NO_BODY = new Uint8Array(0);

/** What a finished video's summary.json says. */
export type VideoSummary = Readonly<Record<string, unknown>> & {
  readonly frames: number;
  readonly frames_with_person: number;
  readonly tracks: number;
  readonly frames_per_second: number;
  /** What was wrong with the source; null for an intact one. */
  readonly message: string | null;
};

/** How a video's result is made; nothing is left to do where `summary` is set. */
export interface Planned {
  readonly directory: string;
  /** Folder of all results. */
  readonly out: string;
  readonly summary: VideoSummary | null;
  /** Null where nobody knows. */
  readonly frames: number | null;
  readonly segments: number;
  /** For the assembly, as it came. */
  readonly blueprint: Uint8Array;
}

export function planWork(
  path: string,
  params: Readonly<Record<string, unknown>>,
  /** Hears a count that grows while the video is read through. */
  onPreparing: (steps: number) => void,
): Work<Planned> {
  if (typeof path !== 'string' || path === '') {
    throw new PoseError('INVALID_REQUEST', 'the video must be the path of a file', {
      hint: 'Pass its path.',
    });
  }
  return {
    op: 'video_plan',
    params: { ...params, path: resolve(path) },
    body: NO_BODY,
    read: (message, body) => ({ ...(dataOf(message) as unknown as Planned), blueprint: body.slice() }),
    onPart: ({ data }) => onPreparing(Number(data?.preparing ?? 0)),
  };
}

export interface SegmentSettings {
  /** Decode in a thread of its own, which a core must be left for. */
  readonly decodeAhead: boolean;
  /** Hears how many of the segment's frames are done. */
  readonly onDone: (frames: number) => void;
}

/** Work on one segment. */
export function segmentWork(
  work: string,
  number: number,
  { decodeAhead, onDone }: SegmentSettings,
): Work<number> {
  return {
    op: 'video_segment',
    params: { work, number, decode_ahead: decodeAhead },
    body: NO_BODY,
    read: (message) => Number(dataOf(message).frames),
    onPart: ({ data }) => onDone(Number(data?.done ?? 0)),
  };
}

export interface Assembled {
  readonly directory: string;
  readonly summary: VideoSummary;
}

export interface AssembleSettings {
  readonly force: boolean;
  readonly withFrames: boolean;
  readonly onPart: (message: PartMessage, body: Uint8Array<ArrayBuffer>) => void;
}

export function assembleWork(
  planned: Planned,
  { force, withFrames, onPart }: AssembleSettings,
): Work<Assembled> {
  return {
    op: 'video_assemble',
    params: { out: planned.out, force, with_frames: withFrames },
    body: planned.blueprint,
    read: (message) => dataOf(message) as unknown as Assembled,
    onPart,
  };
}

function dataOf(message: ResultMessage): Readonly<Record<string, unknown>> {
  return message.data ?? {};
}
