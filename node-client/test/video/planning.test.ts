import { expect, test } from 'vitest';
import type { CallSettings } from '../../src/pool/call.ts';
import type { VideoHost } from '../../src/video/run.ts';
import type { VideoProgress } from '../../src/video/video-options.ts';
import { processVideo } from '../../src/video/videos.ts';
import type { ReadyMessage } from '../../src/wire/generated/messages.ts';

const SUMMARY = { frames: 1, frames_with_person: 1, tracks: 1, frames_per_second: 1, message: null };

/** Reads the video through in three steps; its result is there. */
const host: VideoHost = {
  capacity: 1,
  hasIdleCores: false,
  submit: async <Value>({ work }: CallSettings<Value>) => {
    for (const preparing of [1, 2, 3]) {
      work.onPart?.({ type: 'part', id: 1, seq: preparing - 1, data: { preparing } }, new Uint8Array(0));
    }
    const data = { directory: '/out/video_0', out: '/out', summary: SUMMARY, frames: null, segments: 0 };
    return work.read({ type: 'result', id: 1, data }, new Uint8Array(0), {} as ReadyMessage);
  },
  openAssembler: () => {
    throw new Error('nothing is to be assembled');
  },
};

test('a video that is being read through tells that it gets on', async () => {
  const told: VideoProgress[] = [];
  const outcome = await processVideo(host, '/clip.mp4', { onProgress: (progress) => told.push(progress) });
  expect(outcome).toMatchObject({ directory: '/out/video_0', reused: true });
  expect(told.map(({ done, total, preparing }) => [done, total, preparing])).toEqual([
    [0, null, 1],
    [0, null, 2],
    [0, null, 3],
  ]);
});
