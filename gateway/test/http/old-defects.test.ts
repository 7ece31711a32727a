/** Defects of the previous service that its own tests let through, each by its number in docs/requirements.md. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OPTIONS } from '../../src/config/options.ts';
import { FIGURES, form, HAS_PYTHON, type Rig, renderVideo, startGateway } from './rig.ts';

const folder = mkdtempSync(join(tmpdir(), 'pose-defects-'));
const clip = join(folder, 'clip.mp4');
const FRAMES = 30;
/** For a daemon that starts on a machine that is busy. */
const HOOK_MS = 60_000;

describe.skipIf(!HAS_PYTHON)('the previous service’s defects', () => {
  let rig: Rig;
  beforeAll(async () => {
    renderVideo(clip, 1);
    rig = await startGateway([...FIGURES, '--root', folder]);
  }, HOOK_MS);
  afterAll(async () => {
    await rig.close();
    rmSync(folder, { recursive: true });
  });

  const result = async (path: string) => {
    const { status, body } = await rig.post('/pose/video', { video_path: path });
    expect(status).toBe(200);
    return body;
  };
  const directoryOf = (jobId: string) => rig.gateway.service.store.get(jobId)?.result?.directory;

  test.for([
    'C:\\rides\\a.mp4',
    'two  spaces and \'quotes" $HOME `id`.mp4',
    '-starts like a flag.mp4',
    'Übung 山.mp4',
    '100%25 & more;.mp4',
  ])('3 and 17: a path reaches the video as it was given: %s', async (name) => {
    const path = join(folder, 'odd', name);
    mkdirSync(join(folder, 'odd'), { recursive: true });
    copyFileSync(clip, path);
    expect(await result(path)).toMatchObject({ video_path: path, total_frames: FRAMES });
  });

  test('4: the service is there by the name localhost, whichever family it stands for', async () => {
    const both = await startGateway([...FIGURES, '--host', '127.0.0.1', '--host', '::1'], { isReady: false });
    try {
      const { port } = new URL(both.url);
      expect((await fetch(`http://localhost:${port}/livez`)).status).toBe(200);
      for (const url of both.gateway.urls) expect((await fetch(`${url}/livez`)).status).toBe(200);
    } finally {
      await both.close();
    }
  });

  test('9: a video that begins as another one has a result of its own', async () => {
    const longer = join(folder, 'clip.mp4.mp4');
    writeFileSync(longer, padded(readFileSync(clip), 64));
    const [first, second] = [await result(clip), await result(longer)];
    expect(directoryOf(second.job_id)).not.toBe(directoryOf(first.job_id));
  });

  test('10: an upload may be larger than any other body', async () => {
    const bytes = padded(readFileSync(clip), OPTIONS.maxBodyBytes.fallback + 1024 ** 2);
    const answer = await rig.get('/api/upload-video-with-pose', {
      method: 'POST',
      body: form({ role: 'rider' }, bytes),
    });
    expect(answer).toMatchObject({ status: 200, body: { success: true, frameCount: FRAMES } });
  });

  test('14 and 15: frames of videos of different length count from 0 without a hole, on one clock', async () => {
    const short = join(folder, 'short.mp4');
    renderVideo(short, 0.4);
    for (const [path, frames] of [
      [clip, FRAMES],
      [short, 12],
    ] as const) {
      const body = await result(path);
      const numbers = body.frames.map(({ frame_number }: { frame_number: number }) => frame_number);
      expect(numbers).toEqual(Array.from({ length: frames }, (_, index) => index));
      for (const { frame_number: number, timestamp } of body.frames)
        expect(timestamp).toBeCloseTo(number / 30, 3);
    }
  });
});

/** The same video with a box behind it that every reader skips. */
function padded(video: Buffer, bytes: number): Buffer<ArrayBuffer> {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(bytes, 0);
  head.write('free', 4, 'latin1');
  return Buffer.concat([video, head, Buffer.alloc(bytes - head.length)]);
}
