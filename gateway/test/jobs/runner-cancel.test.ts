/** A job is cancelled: while it waits, runs, ends, and is started anew. */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { RunnerRig } from './runner-rig.ts';

let rig: RunnerRig;
beforeEach(() => {
  rig = new RunnerRig();
});

describe('cancel', () => {
  test('stops a running job at once and lets the next one in', async () => {
    const runner = rig.start({ concurrency: 1 });
    const { id } = rig.submit();
    const next = rig.submit();
    const running = await rig.video(0);
    expect(runner.cancel(id).state).toBe('cancelled');
    expect(running.options.signal?.aborted).toBe(true);
    await rig.becomes(next.id, 'processing');
    expect(rig.state(id)).toBe('cancelled');
    expect(rig.told.some((job) => job.id === id && job.state === 'cancelled')).toBe(true);
    expect(rig.store.stats().lateResults).toBe(0);
  });

  test('by another process stops a running job with the next heartbeat', async () => {
    rig.start();
    const { id } = rig.submit();
    const running = await rig.video(0);
    rig.store.cancel(id);
    await vi.waitFor(() => expect(running.options.signal?.aborted).toBe(true));
    expect(rig.state(id)).toBe('cancelled');
  });

  test('row 73: started anew at once, it does not run beside its old attempt', async () => {
    const runner = rig.start();
    const { id } = rig.submit();
    const first = await rig.video(0);
    rig.pool.listens = false;
    runner.cancel(id);
    runner.retry(id);
    await rig.someTicks();
    expect(rig.pool.videos).toHaveLength(1);
    first.fail(new Error('ended at last'));
    (await rig.video(1)).finish();
    await rig.becomes(id, 'completed');
    expect(rig.pool.mostAtOnce).toBe(1);
  });

  test('that comes as the result does: the job stays cancelled, the late result is counted', async () => {
    const runner = rig.start();
    const { id } = rig.submit();
    const running = await rig.video(0);
    rig.pool.listens = false;
    runner.cancel(id);
    running.finish();
    await vi.waitFor(() => expect(rig.store.stats().lateResults).toBe(1));
    expect(rig.store.get(id)).toMatchObject({ state: 'cancelled', result: null });
    runner.retry(id);
    (await rig.video(1)).finish();
    await rig.becomes(id, 'completed');
  });
});
