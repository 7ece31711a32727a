import { expect, test } from 'vitest';
import { PoseError } from '../../src/errors.ts';
import type { CallSettings } from '../../src/pool/call.ts';
import type { Work } from '../../src/process/work.ts';
import { type VideoHost, VideoRun } from '../../src/video/run.ts';
import type { Planned } from '../../src/video/steps.ts';
import { resolveVideoOptions } from '../../src/video/video-options.ts';

const PLANNED: Planned = {
  directory: '/out/video_0',
  out: '/out',
  summary: null,
  frames: 40,
  segments: 2,
  blueprint: new Uint8Array(0),
};

/** Asks for both segments at once and never finishes; `asked` hears what workers are given. */
function host(hasIdleCores: boolean, asked: Work<unknown>[]): VideoHost {
  const never = <Value>({ signal }: CallSettings<Value>) =>
    new Promise<Value>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  return {
    capacity: 2,
    hasIdleCores,
    submit: (settings) => {
      asked.push(settings.work);
      return never(settings);
    },
    openAssembler: () => ({
      submit: (settings) => {
        settings.work.onPart?.({ type: 'part', id: 1, seq: 0, data: { missing: [0, 1] } }, new Uint8Array(0));
        return never(settings);
      },
      close: async () => {},
    }),
  };
}

test.for([true, false])('W-77: segments are decoded ahead where cores are idle: %s', async (hasIdleCores) => {
  const asked: Work<unknown>[] = [];
  const run = new VideoRun(host(hasIdleCores, asked), PLANNED, resolveVideoOptions({}, true), false);
  expect(asked.map(({ op, params }) => [op, params?.number, params?.decode_ahead])).toEqual([
    ['video_segment', 0, hasIdleCores],
    ['video_segment', 1, hasIdleCores],
  ]);
  run.stop(new PoseError('ABORTED', 'enough'));
  await expect(run.outcome).rejects.toThrow('enough');
});
