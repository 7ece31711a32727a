/** What ends an attempt that takes too long. */
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { legacyErrorText } from '../../src/jobs/legacy-error-text.ts';
import { RunnerRig } from './runner-rig.ts';

let rig: RunnerRig;
beforeEach(() => {
  rig = new RunnerRig();
});

describe('a limit', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    onTestFinished(() => {
      vi.useRealTimers();
    });
  });

  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

  test('on the whole ends the job with the previous service’s text, and the next one runs', async () => {
    rig.start({ totalMs: 1_000, concurrency: 1 });
    const { id } = rig.submit();
    const next = rig.submit('/v/next.mp4');
    (await rig.video(0)).progress(1);
    await pass(1_000);
    expect(rig.state(id)).toBe('failed');
    const error = rig.store.get(id)?.error;
    expect(error?.code).toBe('DEADLINE_EXCEEDED');
    expect(error && legacyErrorText(error)).toBe('Processing timeout (exceeded 1000ms)');
    (await rig.video(1)).finish();
    await rig.becomes(next.id, 'completed');
  });

  test('of the job itself goes before the runner’s', async () => {
    rig.start({ totalMs: 600_000 });
    const { id } = rig.store.submit({ videoPath: '/v/a.mp4', options: { timeoutMs: 5_000 } });
    await rig.video(0);
    await pass(4_900);
    expect(rig.state(id)).toBe('processing');
    await pass(100);
    expect(rig.store.get(id)?.error?.message).toBe('Processing timeout (exceeded 5000ms)');
  });

  test('on silence ends the attempt, and another may come', async () => {
    rig.start();
    const { id } = rig.submit();
    const running = await rig.video(0);
    running.progress(10);
    await pass(59_000);
    running.progress(10); // a word without progress
    await pass(1_000);
    expect(rig.store.get(id)).toMatchObject({
      state: 'queued',
      error: {
        code: 'NO_PROGRESS',
        retryable: true,
        message: 'no frame was done for 60000 ms, after 10 of 100',
      },
    });
  });

  test('on silence does not end what gets on, nor what is put together after its last frame', async () => {
    rig.start();
    const { id } = rig.submit();
    const running = await rig.video(0);
    for (const done of [20, 40, 60, 80, 100]) {
      running.progress(done);
      await pass(59_000);
    }
    await pass(540_000);
    expect(rig.state(id)).toBe('processing');
    await pass(1_000);
    expect(rig.store.get(id)?.error?.code).toBe('NO_PROGRESS');
  });

  test('on silence does not end a video that takes longer than all patience to read through', async () => {
    rig.start();
    const { id } = rig.submit();
    const running = await rig.video(0);
    for (const steps of [1, 2, 3]) {
      await pass(59_000);
      running.preparing(steps);
    }
    expect(rig.state(id)).toBe('processing');
    await pass(59_000);
    running.preparing(3); // a word without progress
    await pass(1_000);
    expect(rig.store.get(id)?.error?.code).toBe('NO_PROGRESS');
  });

  test('on silence does not end a result whose last files take longer than all patience', async () => {
    rig.start();
    const { id } = rig.submit();
    const running = await rig.video(0);
    running.progress(100);
    for (const steps of [1, 2, 3]) {
      await pass(599_000);
      running.finishing(steps);
    }
    expect(rig.store.get(id)?.progress).toEqual({ done: 100, total: 100, fps: 0, leftS: null });
    await pass(599_000);
    running.finishing(3); // a word without progress
    await pass(1_000);
    expect(rig.store.get(id)?.error?.code).toBe('NO_PROGRESS');
  });

  test('on letting go: a pool that does not listen keeps the place for a bounded time only', async () => {
    rig.pool.listens = false;
    rig.start({ totalMs: 1_000, concurrency: 1 });
    const { id } = rig.submit();
    await rig.video(0);
    await pass(15_000);
    expect(rig.state(id)).toBe('processing');
    await pass(1_000);
    expect(rig.store.get(id)).toMatchObject({ state: 'failed', error: { code: 'DEADLINE_EXCEEDED' } });
  });
});
