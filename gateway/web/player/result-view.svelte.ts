/** A result while it is looked at: its times, its frames as they come, and where the player stands. */
import { untrack } from 'svelte';
import { getFrames, getTicket, getTimeline } from '../api/client.ts';
import { problemOf } from '../api/failure.ts';
import type { Header, Problem, Timeline, Track } from '../api/types.ts';
import { type Anatomy, anatomyOf } from '../draw/anatomy.ts';
import { decodeFrame, type Frame } from '../frames/decode.ts';
import { FrameCache } from '../frames/frame-cache.ts';
import { Playback } from './playback.svelte.ts';

export class ResultView {
  readonly id: string;
  readonly header: Header;
  readonly tracks: readonly Track[];
  readonly anatomy: Anatomy;
  readonly playback: Playback;
  /** For files; null where no key is asked for. */
  readonly ticket: string | null;
  readonly cache: FrameCache;
  problem: Problem | null = $state(null);
  #loads = $state(0);
  /** What belongs to the frame on the screen; null while it is fetched. */
  readonly current: Frame | null = $derived.by(() => {
    this.#loads;
    const { frame, direction } = this.playback;
    if (frame < 0) return null;
    return untrack(() => {
      const here = this.cache.get(frame);
      // A hand that is ahead asks for what it needs; what is here already must not go before it.
      if (here === null || frame === this.playback.cursor) this.cache.want(frame, direction);
      return here;
    });
  });

  constructor(id: string, { header, persons, times_s, total_frames }: Timeline, ticket: string | null) {
    this.id = id;
    this.header = header;
    this.tracks = persons;
    this.ticket = ticket;
    this.anatomy = anatomyOf(header.skeleton);
    this.playback = new Playback(times_s);
    this.cache = new FrameCache({
      total: total_frames,
      load: async (from, to, signal) => (await getFrames(id, from, to, signal)).frames.map(decodeFrame),
      onLoad: () => {
        this.#loads += 1;
        this.problem = null;
      },
      onFailure: (failure) => {
        this.problem = problemOf(failure);
      },
    });
  }

  /** Throws ApiFailure. */
  static async open(id: string, signal: AbortSignal): Promise<ResultView> {
    const [timeline, ticket] = await Promise.all([getTimeline(id, signal), getTicket(id, signal)]);
    return new ResultView(id, timeline, ticket);
  }

  close(): void {
    this.playback.close();
    this.cache.close();
  }
}
