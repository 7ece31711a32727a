/** The runner: what it takes, how it stops, and what it does while the store is away. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { JobError } from '../../src/jobs/job-error.ts';
import { JobRunner } from '../../src/jobs/runner.ts';
import { RunnerRig, TICK_MS } from './runner-rig.ts';

let rig: RunnerRig;
beforeEach(() => {
  rig = new RunnerRig();
});

describe('a job', () => {
  test('is worked on and completed, and everybody hears of it', async () => {
    const runner = rig.start();
    const { id } = runner.submit({
      videoPath: '/v/ride.mp4',
      options: { overlay: false, assemble: { clean: 'none' } },
    });
    const running = await rig.video(0);
    expect(running.path).toBe('/v/ride.mp4');
    expect(running.options).toMatchObject({ out: rig.out, overlay: false, assemble: { clean: 'none' } });
    running.progress(50);
    running.finish();
    await rig.becomes(id, 'completed');
    expect(rig.store.get(id)?.result).toMatchObject({
      directory: join(rig.out, 'video_1'),
      bytes: 100,
      summary: { frames: 31 },
    });
    await vi.waitFor(() => expect(runner.active).toBe(0));
    expect(rig.told.map((job) => job.state)).toEqual(['queued', 'processing', 'processing', 'completed']);
    expect(rig.told[2]?.progress).toEqual({ done: 50, total: 100, fps: 10, leftS: null });
    expect(rig.events).toEqual(['job-started', 'job-completed']);
    for (const line of rig.lines)
      expect(line).toMatchObject({ job_id: id, video_path: '/v/ride.mp4', attempt: 1 });
  });

  test('keeps its lease and its progress in the store while it runs', async () => {
    rig.start({ leaseMs: 40 });
    const { id } = rig.submit();
    (await rig.video(0)).progress(7);
    await vi.waitFor(() => expect(rig.store.get(id)?.progress?.done).toBe(7));
    await new Promise((resolve) => setTimeout(resolve, 120)); // three leases long
    expect(rig.state(id)).toBe('processing');
    expect(rig.pool.videos).toHaveLength(1);
  });

  test('may not choose what is the runner’s: signal, progress and the pool’s own limit', async () => {
    rig.start();
    rig.store.submit({ videoPath: '/v/a.mp4', options: { timeoutMs: 60_000, signal: 1, onProgress: 1 } });
    const { options } = await rig.video(0);
    expect(options.signal).toBeInstanceOf(AbortSignal);
    expect(options.onProgress).toBeInstanceOf(Function);
    expect(options.timeoutMs).toBe(2 ** 31 - 1);
  });

  test('waits while as many run as may', async () => {
    rig.start({ concurrency: 2 });
    const all = [1, 2, 3, 4, 5].map(() => rig.submit().id);
    for (const at of all.keys()) (await rig.video(at)).finish();
    for (const id of all) await rig.becomes(id, 'completed');
    expect(rig.pool.mostAtOnce).toBe(2);
  });

  test('row 78: waits while the pool is not ready, and starts when it is', async () => {
    let isReady = false;
    rig.start({ isReady: () => isReady });
    const { id } = rig.submit();
    await rig.someTicks();
    expect(rig.state(id)).toBe('queued');
    isReady = true;
    await rig.becomes(id, 'processing');
  });
});

describe('stop', () => {
  test('lets what runs come to its end', async () => {
    const runner = rig.start();
    const { id } = rig.submit();
    const running = await rig.video(0);
    const stopped = runner.stop({ drainMs: 10_000 });
    rig.submit();
    running.finish();
    await stopped;
    expect(rig.state(id)).toBe('completed');
    expect(rig.pool.videos).toHaveLength(1);
  });

  test('gives back what does not, without blame, for the next process to take at once', async () => {
    const runner = rig.start();
    const { id } = rig.submit();
    const running = await rig.video(0);
    await runner.stop({ drainMs: 1 });
    expect(running.options.signal?.aborted).toBe(true);
    expect(rig.store.get(id)).toMatchObject({ state: 'queued', error: null });
    await runner.stop();
    rig.start();
    (await rig.video(1)).finish();
    await rig.becomes(id, 'completed');
    expect(rig.store.get(id)?.attempt).toBe(2);
    expect(rig.store.stats().interruptions).toBe(0);
  });

  test('before start, and start after stop, do nothing', async () => {
    const runner = new JobRunner({ store: rig.store, pool: rig.pool, concurrency: 1, log: () => {} });
    await runner.stop();
    runner.start();
    rig.submit();
    await rig.someTicks();
    expect(rig.pool.videos).toEqual([]);
  });
});

describe('row 74: the store is away', () => {
  const outage = new JobError('STORE_UNAVAILABLE', 'the disk is full');

  test('a result is kept until the store takes it', async () => {
    rig.start();
    const { id } = rig.submit();
    const running = await rig.video(0);
    rig.store.outage = outage;
    running.finish();
    await vi.waitFor(() => expect(rig.lines.at(-1)).toMatchObject({ level: 'error', event: 'store-out' }));
    await rig.someTicks();
    expect(rig.lines.filter(({ event }) => event === 'store-out')).toHaveLength(1);
    rig.store.outage = null;
    await rig.becomes(id, 'completed');
    await vi.waitFor(() => expect(rig.events).toContain('store-back'));
  });

  test('the runner stops all the same', async () => {
    const runner = rig.start();
    rig.submit();
    await rig.video(0);
    rig.store.outage = outage;
    await runner.stop({ drainMs: 1 });
    expect(runner.active).toBe(0);
    rig.store.outage = null;
  });
});

describe('retention', () => {
  test('removes what is forgotten, and nothing outside of its folder', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'pose-elsewhere-'));
    onTestFinished(() => rmSync(elsewhere, { recursive: true }));
    const ids = [rig.pool.makeResult('video_a'), rig.pool.makeResult('video_b'), elsewhere].map(
      (directory) => {
        const { id } = rig.submit();
        const { token = '' } = rig.store.claim('a', 1_000) ?? {};
        rig.store.complete(id, token, { directory, summary: {}, bytes: 100 });
        return id;
      },
    );
    const forgotten: string[] = [];
    const runner = new JobRunner({
      store: rig.store,
      pool: rig.pool,
      concurrency: 1,
      log: () => {},
      out: rig.out,
      tickMs: TICK_MS,
      retention: { maxAgeS: 1e9, maxBytes: 1e9, maxJobs: 0 },
    });
    runner.events.on('forgotten', (jobs) => forgotten.push(...jobs.map(({ id }) => id)));
    runner.start();
    onTestFinished(() => runner.stop());
    await vi.waitFor(() => expect(readdirSync(rig.out)).toEqual([]));
    expect(forgotten).toEqual(ids);
    expect(existsSync(elsewhere)).toBe(true);
  });

  test('that takes a directory from under a job makes the job run again', async () => {
    rig.start();
    const { id } = rig.submit();
    const directory = rig.pool.makeResult('video_shared');
    const running = await rig.video(0);
    rmSync(directory, { recursive: true });
    running.finish(directory);
    (await rig.video(1)).finish();
    await rig.becomes(id, 'completed');
  });
});
