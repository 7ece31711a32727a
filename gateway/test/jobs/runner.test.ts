/** The runner on a pool that the test plays: claims, ends, cancels, stops, outages. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PoseError, StartError } from 'pose-sidecar';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Job } from '../../src/jobs/job.ts';
import { JobError } from '../../src/jobs/job-error.ts';
import type { JobLogEntry } from '../../src/jobs/job-log.ts';
import { legacyErrorText } from '../../src/jobs/legacy-error-text.ts';
import { JobRunner } from '../../src/jobs/runner.ts';
import type { RunnerOptions } from '../../src/jobs/runner-options.ts';
import { MemoryStore } from '../store/memory-store.ts';
import { FakePool } from './fake-pool.ts';

const TICK_MS = 5;

let out: string;
let store: MemoryStore;
let pool: FakePool;
let told: Job[];
let lines: JobLogEntry[];

beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'pose-runner-'));
  store = new MemoryStore();
  pool = new FakePool(out);
  told = [];
  lines = [];
  onTestFinished(() => rmSync(out, { recursive: true }));
});

function start(options: Partial<RunnerOptions> = {}): JobRunner {
  const log = (entry: JobLogEntry) => void lines.push(entry);
  const runner = new JobRunner({
    store,
    pool,
    concurrency: 2,
    log,
    out,
    tickMs: TICK_MS,
    random: () => 0,
    ...options,
  });
  runner.events.on('job', (job) => told.push(job));
  runner.start();
  onTestFinished(() => runner.stop({ drainMs: 0 }));
  return runner;
}

const submit = (videoPath = '/v/ride.mp4') => store.submit({ videoPath });
const state = (id: string) => store.get(id)?.state;
const video = async (at: number) => {
  await vi.waitFor(() => expect(pool.videos.length).toBeGreaterThan(at));
  const found = pool.videos[at];
  if (found === undefined) throw new Error(`expected the video ${at}`);
  return found;
};
const becomes = (id: string, wanted: Job['state']) => vi.waitFor(() => expect(state(id)).toBe(wanted));

describe('a job', () => {
  test('is worked on and completed, and everybody hears of it', async () => {
    const runner = start();
    const { id } = runner.submit({
      videoPath: '/v/ride.mp4',
      options: { overlay: false, assemble: { clean: 'none' } },
    });
    const running = await video(0);
    expect(running.path).toBe('/v/ride.mp4');
    expect(running.options).toMatchObject({ out, overlay: false, assemble: { clean: 'none' } });
    running.progress(50);
    running.finish();
    await becomes(id, 'completed');
    expect(store.get(id)?.result).toMatchObject({
      directory: join(out, 'video_1'),
      bytes: 100,
      summary: { frames: 31 },
    });
    await vi.waitFor(() => expect(runner.active).toBe(0));
    expect(told.map((job) => job.state)).toEqual(['queued', 'processing', 'processing', 'completed']);
    expect(told[2]?.progress).toEqual({ done: 50, total: 100, fps: 10, leftS: null });
    expect(lines.map(({ event }) => event)).toEqual(['job-started', 'job-completed']);
    for (const line of lines)
      expect(line).toMatchObject({ job_id: id, video_path: '/v/ride.mp4', attempt: 1 });
  });

  test('keeps its lease and its progress in the store while it runs', async () => {
    start({ leaseMs: 40 });
    const { id } = submit();
    (await video(0)).progress(7);
    await vi.waitFor(() => expect(store.get(id)?.progress?.done).toBe(7));
    await new Promise((resolve) => setTimeout(resolve, 120)); // three leases long
    expect(state(id)).toBe('processing');
    expect(pool.videos).toHaveLength(1);
  });

  test('may not choose what is the runner’s: signal, progress and the pool’s own limit', async () => {
    start();
    store.submit({ videoPath: '/v/a.mp4', options: { timeoutMs: 60_000, signal: 1, onProgress: 1 } });
    const { options } = await video(0);
    expect(options.signal).toBeInstanceOf(AbortSignal);
    expect(options.onProgress).toBeInstanceOf(Function);
    expect(options.timeoutMs).toBe(2 ** 31 - 1);
  });

  test('waits while as many run as may', async () => {
    start({ concurrency: 2 });
    const all = [1, 2, 3, 4, 5].map(() => submit().id);
    for (const at of all.keys()) (await video(at)).finish();
    for (const id of all) await becomes(id, 'completed');
    expect(pool.mostAtOnce).toBe(2);
  });

  test('row 78: waits while the pool is not ready, and starts when it is', async () => {
    let isReady = false;
    start({ isReady: () => isReady });
    const { id } = submit();
    await new Promise((resolve) => setTimeout(resolve, TICK_MS * 5));
    expect(state(id)).toBe('queued');
    isReady = true;
    await becomes(id, 'processing');
  });
});

describe('a failure', () => {
  test('that may pass is tried again after a while, and named meanwhile', async () => {
    let nowS = Date.now() / 1_000;
    store = new MemoryStore({ nowS: () => nowS });
    start();
    const { id } = submit();
    (await video(0)).fail(new PoseError('INFERENCE_FAILED', 'the model failed', { hint: 'Look.' }));
    await becomes(id, 'queued');
    const error = store.get(id)?.error;
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
    expect(lines.at(-1)).toMatchObject({
      level: 'warn',
      event: 'job-retried',
      job_id: id,
      video_path: '/v/ride.mp4',
      attempt: 1,
      timestamp: error?.atS,
      elapsed_s: error?.elapsedS,
    });
    expect(pool.videos).toHaveLength(1);
    nowS = (error?.atS ?? 0) + 1;
    (await video(1)).finish();
    await becomes(id, 'completed');
    expect(store.get(id)).toMatchObject({ attempt: 2, error: null });
  });

  test('that comes again and again ends the job', async () => {
    store = new MemoryStore({ nowS: () => Number.MAX_SAFE_INTEGER });
    start({ maxAttempts: 3 });
    const { id } = submit();
    for (const at of [0, 1, 2]) (await video(at)).fail(new PoseError('INFERENCE_FAILED', 'no'));
    await becomes(id, 'failed');
    expect(store.get(id)).toMatchObject({ attempt: 3, error: { attempt: 3 } });
    await vi.waitFor(() =>
      expect(lines.at(-1)).toMatchObject({ level: 'error', event: 'job-failed', job_id: id }),
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
    start();
    const { id } = submit();
    (await video(0)).fail(error);
    await becomes(id, 'failed');
    expect(store.get(id)?.error).toMatchObject(expected);
  });

  test('of nobody we know is INTERNAL', async () => {
    start({ maxAttempts: 1 });
    const { id } = submit();
    (await video(0)).fail(new RangeError('a defect'));
    await becomes(id, 'failed');
    expect(store.get(id)?.error).toMatchObject({ code: 'INTERNAL', message: 'a defect' });
  });

  test.for([
    new PoseError('POOL_UNAVAILABLE', 'no daemon can be started'),
    new StartError('IMPORT_FAILED', 'no cv2', { phase: 'importing' }),
  ])('of the pool is no blame: the job goes back, and nothing is claimed for a while (%s)', async (error) => {
    start({ concurrency: 1 });
    const { id } = submit();
    (await video(0)).fail(error);
    await becomes(id, 'queued');
    await new Promise((resolve) => setTimeout(resolve, TICK_MS * 10));
    expect(pool.videos).toHaveLength(1);
    expect(store.get(id)).toMatchObject({ state: 'queued', error: null });
    expect(lines.at(-1)).toMatchObject({ level: 'warn', event: 'job-released' });
  });
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
    start({ totalMs: 1_000, concurrency: 1 });
    const { id } = submit();
    const next = submit('/v/next.mp4');
    (await video(0)).progress(1);
    await pass(1_000);
    expect(state(id)).toBe('failed');
    const error = store.get(id)?.error;
    expect(error?.code).toBe('DEADLINE_EXCEEDED');
    expect(error && legacyErrorText(error)).toBe('Processing timeout (exceeded 1000ms)');
    (await video(1)).finish();
    await becomes(next.id, 'completed');
  });

  test('of the job itself goes before the runner’s', async () => {
    start({ totalMs: 600_000 });
    const { id } = store.submit({ videoPath: '/v/a.mp4', options: { timeoutMs: 5_000 } });
    await video(0);
    await pass(4_900);
    expect(state(id)).toBe('processing');
    await pass(100);
    expect(store.get(id)?.error?.message).toBe('Processing timeout (exceeded 5000ms)');
  });

  test('on silence ends the attempt, and another may come', async () => {
    start();
    const { id } = submit();
    const running = await video(0);
    running.progress(10);
    await pass(59_000);
    running.progress(10); // a word without progress
    await pass(1_000);
    expect(store.get(id)).toMatchObject({
      state: 'queued',
      error: {
        code: 'NO_PROGRESS',
        retryable: true,
        message: 'no frame was done for 60000 ms, after 10 of 100',
      },
    });
  });

  test('on silence does not end what gets on, nor what is put together after its last frame', async () => {
    start();
    const { id } = submit();
    const running = await video(0);
    for (const done of [20, 40, 60, 80, 100]) {
      running.progress(done);
      await pass(59_000);
    }
    await pass(540_000);
    expect(state(id)).toBe('processing');
    await pass(1_000);
    expect(store.get(id)?.error?.code).toBe('NO_PROGRESS');
  });

  test('on letting go: a pool that does not listen keeps the place for a bounded time only', async () => {
    pool.listens = false;
    start({ totalMs: 1_000, concurrency: 1 });
    const { id } = submit();
    await video(0);
    await pass(15_000);
    expect(state(id)).toBe('processing');
    await pass(1_000);
    expect(store.get(id)).toMatchObject({ state: 'failed', error: { code: 'DEADLINE_EXCEEDED' } });
  });
});

describe('cancel', () => {
  test('stops a running job at once and lets the next one in', async () => {
    const runner = start({ concurrency: 1 });
    const { id } = submit();
    const next = submit();
    const running = await video(0);
    expect(runner.cancel(id).state).toBe('cancelled');
    expect(running.options.signal?.aborted).toBe(true);
    await becomes(next.id, 'processing');
    expect(state(id)).toBe('cancelled');
    expect(told.some((job) => job.id === id && job.state === 'cancelled')).toBe(true);
    expect(store.stats().lateResults).toBe(0);
  });

  test('by another process stops a running job with the next heartbeat', async () => {
    start();
    const { id } = submit();
    const running = await video(0);
    store.cancel(id);
    await vi.waitFor(() => expect(running.options.signal?.aborted).toBe(true));
    expect(state(id)).toBe('cancelled');
  });

  test('row 73: started anew at once, it does not run beside its old attempt', async () => {
    const runner = start();
    const { id } = submit();
    const first = await video(0);
    pool.listens = false;
    runner.cancel(id);
    runner.retry(id);
    await new Promise((resolve) => setTimeout(resolve, TICK_MS * 10));
    expect(pool.videos).toHaveLength(1);
    first.fail(new Error('ended at last'));
    (await video(1)).finish();
    await becomes(id, 'completed');
    expect(pool.mostAtOnce).toBe(1);
  });

  test('that comes as the result does: the job stays cancelled, the late result is counted', async () => {
    const runner = start();
    const { id } = submit();
    const running = await video(0);
    pool.listens = false;
    runner.cancel(id);
    running.finish();
    await vi.waitFor(() => expect(store.stats().lateResults).toBe(1));
    expect(store.get(id)).toMatchObject({ state: 'cancelled', result: null });
  });
});

describe('stop', () => {
  test('lets what runs come to its end', async () => {
    const runner = start();
    const { id } = submit();
    const running = await video(0);
    const stopped = runner.stop({ drainMs: 10_000 });
    submit();
    running.finish();
    await stopped;
    expect(state(id)).toBe('completed');
    expect(pool.videos).toHaveLength(1);
  });

  test('gives back what does not, without blame, for the next process to take at once', async () => {
    const runner = start();
    const { id } = submit();
    const running = await video(0);
    await runner.stop({ drainMs: 1 });
    expect(running.options.signal?.aborted).toBe(true);
    expect(store.get(id)).toMatchObject({ state: 'queued', error: null });
    await runner.stop();
    start();
    (await video(1)).finish();
    await becomes(id, 'completed');
    expect(store.get(id)?.attempt).toBe(2);
    expect(store.stats().interruptions).toBe(0);
  });

  test('before start, and start after stop, do nothing', async () => {
    const runner = new JobRunner({ store, pool, concurrency: 1, log: () => {} });
    await runner.stop();
    runner.start();
    submit();
    await new Promise((resolve) => setTimeout(resolve, TICK_MS * 4));
    expect(pool.videos).toEqual([]);
  });
});

describe('row 74: the store is away', () => {
  const outage = new JobError('STORE_UNAVAILABLE', 'the disk is full');

  test('a result is kept until the store takes it', async () => {
    start();
    const { id } = submit();
    const running = await video(0);
    store.outage = outage;
    running.finish();
    await vi.waitFor(() => expect(lines.at(-1)).toMatchObject({ level: 'error', event: 'store-out' }));
    await new Promise((resolve) => setTimeout(resolve, TICK_MS * 10));
    expect(lines.filter(({ event }) => event === 'store-out')).toHaveLength(1);
    store.outage = null;
    await becomes(id, 'completed');
    await vi.waitFor(() => expect(lines.map(({ event }) => event)).toContain('store-back'));
  });

  test('the runner stops all the same', async () => {
    const runner = start();
    submit();
    await video(0);
    store.outage = outage;
    await runner.stop({ drainMs: 1 });
    expect(runner.active).toBe(0);
    store.outage = null;
  });
});

describe('retention', () => {
  test('removes what is forgotten, and nothing outside of its folder', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'pose-elsewhere-'));
    onTestFinished(() => rmSync(elsewhere, { recursive: true }));
    const ids = [pool.makeResult('video_a'), pool.makeResult('video_b'), elsewhere].map((directory) => {
      const { id } = submit();
      const { token = '' } = store.claim('a', 1_000) ?? {};
      store.complete(id, token, { directory, summary: {}, bytes: 100 });
      return id;
    });
    const forgotten: string[] = [];
    const runner = new JobRunner({
      store,
      pool,
      concurrency: 1,
      log: () => {},
      out,
      tickMs: TICK_MS,
      retention: { maxAgeS: 1e9, maxBytes: 1e9, maxJobs: 0 },
    });
    runner.events.on('forgotten', (jobs) => forgotten.push(...jobs.map(({ id }) => id)));
    runner.start();
    onTestFinished(() => runner.stop());
    await vi.waitFor(() => expect(readdirSync(out)).toEqual([]));
    expect(forgotten).toEqual(ids);
    expect(existsSync(elsewhere)).toBe(true);
  });

  test('that takes a directory from under a job makes the job run again', async () => {
    start();
    const { id } = submit();
    const directory = pool.makeResult('video_shared');
    const running = await video(0);
    rmSync(directory, { recursive: true });
    running.finish(directory);
    (await video(1)).finish();
    await becomes(id, 'completed');
  });
});
