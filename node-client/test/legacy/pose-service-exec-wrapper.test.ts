/** The previous service's class: its 31-frame call warm, cold, and with cv2 missing. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { breakInterpreter } from '../../src/cli/broken-interpreter.ts';
import { type PoseFrame, PoseServiceExecWrapper } from '../../src/legacy/index.ts';
import { failure } from '../failures.ts';
import { checkLeaks } from '../leaks.ts';
import { HAS_PYTHON, PYTHON, ROOT } from '../repository.ts';

const FRAMES = 31;

describe.skipIf(!HAS_PYTHON)('31 frames at once', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pose-legacy-'));
  let picture = '';

  beforeAll(() => {
    const video = join(folder, 'sample.mp4');
    const python = (...args: string[]) => execFileSync(PYTHON, args, { cwd: ROOT, stdio: 'pipe' });
    python('-m', 'sidecar', 'sample', video, '--people', '1', '--seconds', '1', '--seed', '7');
    picture = join(folder, 'frame.png');
    python('scripts/middle_frame.py', video, picture);
    return () => rmSync(folder, { recursive: true });
  }, 60_000);

  beforeEach(checkLeaks);

  const frames = (make: (index: number) => Partial<PoseFrame>): PoseFrame[] =>
    Array.from({ length: FRAMES }, (_, frameNumber) => ({ frameNumber, ...make(frameNumber) }));

  test('cold, then warm: every frame has its pose, in order', async () => {
    const wrapper = new PoseServiceExecWrapper(ROOT);
    const imageBase64 = readFileSync(picture).toString('base64');
    for (const make of [() => ({ imageBase64 }), () => ({ imagePath: picture })]) {
      const results = await wrapper.getPoseInfo(frames(make));
      expect(results.map(({ frameNumber }) => frameNumber)).toEqual([...Array(FRAMES).keys()]);
      for (const { keypoints, has3d, error, processingTimeMs } of results) {
        expect(error).toBeUndefined();
        expect(has3d).toBe(true);
        expect(keypoints).toHaveLength(33);
        expect(processingTimeMs).toBeGreaterThan(0);
      }
      const [nose] = results[0]?.keypoints ?? [];
      expect(nose).toMatchObject({ name: 'nose', z: expect.any(Number) });
      expect(nose?.confidence).toBeGreaterThan(0.9);
    }
    await wrapper.cleanup();
    await wrapper.cleanup();
  });

  test('a frame that cannot be read keeps its place and fails alone', async () => {
    const wrapper = new PoseServiceExecWrapper(ROOT);
    const given = [
      { frameNumber: 4, imagePath: picture },
      { frameNumber: 7, imageBase64: Buffer.from('no picture').toString('base64') },
      { frameNumber: 9 },
      { frameNumber: 12, imageBase64: `data:image/png;base64,${readFileSync(picture).toString('base64')}` },
    ];
    const results = await wrapper.getPoseInfo(given);
    expect(results.map(({ frameNumber, error }) => [frameNumber, error?.split(':')[0]])).toEqual([
      [4, undefined],
      [7, 'DECODE_FAILED'],
      [9, 'INVALID_REQUEST'],
      [12, undefined],
    ]);
    await wrapper.cleanup();
  });

  test('with cv2 missing the call rejects with the cause and the command, and no word of a pipe', async () => {
    await using broken = await breakInterpreter(PYTHON, 'cv2');
    const service = mkdtempSync(join(tmpdir(), 'pose-service-'));
    onTestFinished(() => rmSync(service, { recursive: true }));
    symlinkSync(dirname(dirname(broken.python)), join(service, '.venv'));
    const wrapper = new PoseServiceExecWrapper(service);
    const error = await failure(wrapper.getPoseInfo(frames(() => ({ imagePath: picture }))));
    expect(error.message).toContain('cv2');
    expect(error.message).toContain('pip install');
    expect(error.message).not.toMatch(/EOF|EPIPE|stdin write failed/);
    await wrapper.cleanup();
  });
});

test('frames that are no array are refused', async () => {
  const wrapper = new PoseServiceExecWrapper('/nowhere');
  expect(await failure(wrapper.getPoseInfo('frame' as never))).toMatchObject({ code: 'INVALID_REQUEST' });
});
