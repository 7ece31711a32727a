import { expect, test } from 'vitest';
import { PoseError } from '../../src/errors.ts';
import type { CallSettings } from '../../src/pool/call.ts';
import type { Work } from '../../src/process/work.ts';
import { type VideoHost, VideoRun } from '../../src/video/run.ts';
import type { Planned } from '../../src/video/steps.ts';
import { resolveVideoOptions, type VideoProgress } from '../../src/video/video-options.ts';

const PLANNED: Planned = {
  directory: '/out/video_0',
  out: '/out',
  summary: null,
  frames: 40,
  segments: 2,
  blueprint: new Uint8Array(0),
};

/** Asks for both segments at once and never finishes; `asked` hears what workers are given. */
function host(
  hasIdleCores: boolean,
  asked: Work<unknown>[],
  assemble: (say: (seq: number, data: Record<string, unknown>) => void) => void = () => {},
): VideoHost {
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
        const say = (seq: number, data: Record<string, unknown>) =>
          settings.work.onPart?.({ type: 'part', id: 1, seq, data }, new Uint8Array(0));
        say(0, { missing: [0, 1] });
        assemble(say);
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

test('steps of the assembly are told and only grow, also where another daemon begins it again', async () => {
  const told: (number | undefined)[] = [];
  const assembly = host(true, [], (say) => {
    say(1, { finishing: 3 });
    say(2, { finishing: 7 });
    say(0, { missing: [1] });
    say(1, { finishing: 2 });
    say(2, { finishing: 9 });
  });
  const onProgress = ({ finishing }: VideoProgress) => void told.push(finishing);
  const run = new VideoRun(assembly, PLANNED, resolveVideoOptions({ onProgress }, true), false);
  expect(told).toEqual([3, 7, 9, 16]);
  run.stop(new PoseError('ABORTED', 'enough'));
  await expect(run.outcome).rejects.toThrow('enough');
});
