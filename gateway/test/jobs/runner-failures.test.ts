/** What the runner makes of failures. */
import { PoseError, StartError } from 'pose-sidecar';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { MemoryStore } from '../store/memory-store.ts';
import { RunnerRig } from './runner-rig.ts';

let rig: RunnerRig;
beforeEach(() => {
  rig = new RunnerRig();
});

describe('a failure', () => {
  test('that may pass is tried again after a while, and named meanwhile', async () => {
    let nowS = Date.now() / 1_000;
    rig.store = new MemoryStore({ nowS: () => nowS });
    rig.start();
    const { id } = rig.submit();
    (await rig.video(0)).fail(new PoseError('INFERENCE_FAILED', 'the model failed', { hint: 'Look.' }));
    await rig.becomes(id, 'queued');
    const error = rig.store.get(id)?.error;
    expect(error).toMatchObject({
      code: 'INFERENCE_FAILED',
      message: 'the model failed',
      hint: 'Look.',
      retryable: true,
      videoPath: '/v/ride.mp4',
      attempt: 1,
      atS: expect.any(Number),
      elapsedS: expect.any(Number),
    });
    expect(rig.lines.at(-1)).toMatchObject({
      level: 'warn',
      event: 'job-retried',
      job_id: id,
      video_path: '/v/ride.mp4',
      attempt: 1,
      timestamp: error?.atS,
      elapsed_s: error?.elapsedS,
    });
    expect(rig.pool.videos).toHaveLength(1);
    nowS = (error?.atS ?? 0) + 1;
    (await rig.video(1)).finish();
    await rig.becomes(id, 'completed');
    expect(rig.store.get(id)).toMatchObject({ attempt: 2, error: null });
  });

  test('that comes again and again ends the job', async () => {
    rig.store = new MemoryStore({ nowS: () => Number.MAX_SAFE_INTEGER });
    rig.start({ maxAttempts: 3 });
    const { id } = rig.submit();
    for (const at of [0, 1, 2]) (await rig.video(at)).fail(new PoseError('INFERENCE_FAILED', 'no'));
    await rig.becomes(id, 'failed');
    expect(rig.store.get(id)).toMatchObject({ attempt: 3, error: { attempt: 3 } });
    await vi.waitFor(() =>
      expect(rig.lines.at(-1)).toMatchObject({ level: 'error', event: 'job-failed', job_id: id }),
    );
  });

  test.for([
    [new PoseError('DECODE_FAILED', 'no video'), { code: 'DECODE_FAILED', retryable: false }],
    [new PoseError('POISON_INPUT', 'kills'), { code: 'POISON_INPUT' }],
    [
      new PoseError('INVALID_REQUEST', 'effort must be'),
      { code: 'INVALID_REQUEST', message: 'effort must be' },
    ],
  ] as const)('that stays is final: %s', async ([error, expected]) => {
    rig.start();
    const { id } = rig.submit();
    (await rig.video(0)).fail(error);
    await rig.becomes(id, 'failed');
    expect(rig.store.get(id)?.error).toMatchObject(expected);
  });

  test('of nobody we know is INTERNAL', async () => {
    rig.start({ maxAttempts: 1 });
    const { id } = rig.submit();
    (await rig.video(0)).fail(new RangeError('a defect'));
    await rig.becomes(id, 'failed');
    expect(rig.store.get(id)?.error).toMatchObject({ code: 'INTERNAL', message: 'a defect' });
  });

  test.for([
    new PoseError('POOL_UNAVAILABLE', 'no daemon can be started'),
    new StartError('IMPORT_FAILED', 'no cv2', { phase: 'importing' }),
  ])('of the pool is no blame: the job goes back, and nothing is claimed for a while (%s)', async (error) => {
    rig.start({ concurrency: 1 });
    const { id } = rig.submit();
    (await rig.video(0)).fail(error);
    await rig.becomes(id, 'queued');
    await rig.someTicks();
    expect(rig.pool.videos).toHaveLength(1);
    expect(rig.store.get(id)).toMatchObject({ state: 'queued', error: null });
    expect(rig.lines.at(-1)).toMatchObject({ level: 'warn', event: 'job-released' });
  });
});
