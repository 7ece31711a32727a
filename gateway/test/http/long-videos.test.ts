/** Videos over the limit that do not say how long they are: recordings of browsers, streams that were saved. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FIGURES, form, HAS_PYTHON, PYTHON, type Rig, ROOT, startGateway } from './rig.ts';

const LIMIT_S = 10;
const FRAMES = 30;

/** Frames of a second each, written to what cannot go back to tell their number. */
const SCRIPT = `
import sys
from fractions import Fraction
import av
import numpy as np
path, container, codec, frames = sys.argv[1:]
class Pipe:
    def __init__(self, file):
        self.write = file.write
with open(path, "wb") as file, av.open(Pipe(file), "w", format=container) as output:
    stream = output.add_stream(codec, rate=1)
    stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
    for number in range(int(frames)):
        frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 8 * number % 256, np.uint8))
        frame.pts, frame.time_base = number, Fraction(1, 1)
        output.mux(stream.encode(frame))
    output.mux(stream.encode(None))
`;

describe.skipIf(!HAS_PYTHON)('a video that does not say that it is too long', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pose-long-'));
  let rig: Rig;

  const render = (name: string, container: string, codec: string, frames = FRAMES) => {
    const path = join(folder, name);
    execFileSync(PYTHON, ['-c', SCRIPT, path, container, codec, String(frames)], {
      cwd: ROOT,
      stdio: 'pipe',
    });
    return path;
  };
  beforeAll(async () => {
    rig = await startGateway([...FIGURES, '--root', folder, '--max-duration-s', String(LIMIT_S)]);
  });
  afterAll(async () => {
    await rig?.close();
    rmSync(folder, { recursive: true });
  });

  const refusal = {
    code: 'VIDEO_TOO_LONG',
    error: 'the video lasts 30 s, the limit is 10 s',
    hint: 'Cut it, or raise the limit.',
    retryable: false,
    attempt: 1,
  };

  test.for([
    ['webm', 'libvpx'],
    ['matroska', 'libx264'],
    ['mpegts', 'libx264'],
  ] as const)('fails its job before any frame is looked at: %s', async ([container, codec]) => {
    const video_path = render(`long.${container}`, container, codec);
    const { status, body } = await rig.post('/v1/jobs', { video_path });
    expect(status).toBe(202);
    await rig.get(`/v1/jobs/${body.id}/events`); // ends with the job
    const job = (await rig.get(`/v1/jobs/${body.id}`)).body;
    expect(job).toMatchObject({ state: 'failed', attempt: 1, progress: null, result: null, error: refusal });
    const old = (await rig.get(`/pose/video/status/${body.id}`)).body;
    expect(old).toMatchObject({ status: 'completed', result: { status: 'error', error: refusal.error } });
  });

  test('is answered to who waits as one whose header says it: 413', async () => {
    const path = render('waited.webm', 'webm', 'libvpx');
    const waited = await rig.post('/pose/video', { video_path: path });
    expect(waited).toMatchObject({ status: 413, body: { ...refusal, video_path: path } });
    const upload = await rig.get('/api/upload-video-with-pose', {
      method: 'POST',
      body: form({ role: 'rider' }, readFileSync(path)),
    });
    expect(upload).toMatchObject({ status: 413, body: { code: 'VIDEO_TOO_LONG', error: refusal.error } });
    expect(existsSync(join(rig.dataDir, 'results'))).toBe(false); // nothing was begun
  });

  test('is worked on when it is short enough', async () => {
    const path = render('short.webm', 'webm', 'libvpx', LIMIT_S);
    expect(await rig.post('/pose/video', { video_path: path })).toMatchObject({
      status: 200,
      body: { total_frames: LIMIT_S },
    });
  });
});
