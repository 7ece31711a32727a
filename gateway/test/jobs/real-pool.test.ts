/** The runner on real daemons: limits free them, and what is finished is kept. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PosePool } from 'pose-sidecar';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Job } from '../../src/jobs/job.ts';
import { legacyErrorText } from '../../src/jobs/legacy-error-text.ts';
import { JobRunner } from '../../src/jobs/runner.ts';
import type { RunnerOptions } from '../../src/jobs/runner-options.ts';
import { SqliteStore } from '../../src/store/sqlite-store.ts';
import { HAS_PYTHON, PYTHON, ROOT } from '../chaos/repository.ts';

const FRAMES = 8 * 30;
const WAIT = { timeout: 60_000, interval: 20 };

describe.skipIf(!HAS_PYTHON)('on real daemons', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pose-jobs-'));
  const clip = join(folder, 'long.mp4');
  const short = join(folder, 'short.mp4');
  let pool: PosePool;

  beforeAll(async () => {
    for (const [path, seconds] of [
      [clip, '8'],
      [short, '1'],
    ] as const) {
      const sample = ['-m', 'sidecar', 'sample', path, '--seconds', seconds, '--size', '64x48'];
      execFileSync(PYTHON, sample, { cwd: ROOT, stdio: 'pipe' });
    }
    pool = await PosePool.start({
      python: PYTHON,
      servicePath: ROOT,
      estimator: 'null',
      options: { persons: 1, delay_ms: 20 },
      size: 1,
      log: () => {},
    });
  }, 60_000);

  afterAll(async () => {
    await pool.close();
    rmSync(folder, { recursive: true });
  });

  let tests = 0;
  const open = (options: Partial<RunnerOptions> = {}) => {
    tests += 1;
    const out = join(folder, `out-${tests}`);
    const store = new SqliteStore({ file: join(folder, `jobs-${tests}.sqlite`) });
    const start = () => {
      const runner = new JobRunner({
        store,
        pool,
        concurrency: 1,
        log: () => {},
        out,
        tickMs: 50,
        ...options,
      });
      runner.start();
      return runner;
    };
    onTestFinished(() => store.close());
    return { store, start };
  };

  const over = (store: SqliteStore, id: string) =>
    vi.waitFor(() => {
      const job = store.get(id) as Job;
      expect(['completed', 'failed']).toContain(job.state);
      return job;
    }, WAIT);

  test('a limit of 1,000 ms on a long video: the old text, the worker is free, the next job succeeds', async () => {
    const { store, start } = open();
    const runner = start();
    onTestFinished(() => runner.stop({ drainMs: 0 }));
    const { id } = runner.submit({ videoPath: clip, options: { timeoutMs: 1_000, overlay: false } });
    const next = runner.submit({ videoPath: short, options: { overlay: false } });
    const failed = await over(store, id);
    expect(failed).toMatchObject({
      state: 'failed',
      attempt: 1,
      error: { code: 'DEADLINE_EXCEEDED', attempt: 1 },
    });
    expect(failed.error && legacyErrorText(failed.error)).toBe('Processing timeout (exceeded 1000ms)');
    expect(await over(store, next.id)).toMatchObject({
      state: 'completed',
      result: { summary: { frames: 30 } },
    });
    await vi.waitFor(() => expect(pool.status()).toMatchObject({ ready: 1, inFlight: 0, queued: 0 }), WAIT);
  }, 60_000);

  test('POSE_TIMEOUT_MS of the environment limits no job that has no limit', async () => {
    process.env.POSE_TIMEOUT_MS = '1';
    onTestFinished(() => {
      delete process.env.POSE_TIMEOUT_MS;
    });
    const { store, start } = open();
    const runner = start();
    onTestFinished(() => runner.stop({ drainMs: 0 }));
    const { id } = runner.submit({ videoPath: short, options: { overlay: false } });
    expect((await over(store, id)).state).toBe('completed');
  });

  test('a job that is stopped in the middle is gone on with, to the same bytes', async () => {
    const whole = open();
    const undisturbed = whole.start();
    onTestFinished(() => undisturbed.stop({ drainMs: 0 }));
    const expected = await over(
      whole.store,
      undisturbed.submit({ videoPath: clip, options: { overlay: false } }).id,
    );
    const { store, start } = open();
    const first = start();
    const { id } = first.submit({ videoPath: clip, options: { overlay: false } });
    const { promise: half, resolve } = Promise.withResolvers<void>();
    first.events.on('job', ({ progress }) => {
      if ((progress?.done ?? 0) > FRAMES / 2) resolve();
    });
    await half;
    await first.stop({ drainMs: 0 });
    expect(store.get(id)).toMatchObject({ state: 'queued', attempt: 1 });
    const second = start();
    onTestFinished(() => second.stop({ drainMs: 0 }));
    const done: number[] = [];
    second.events.on('job', ({ state, progress }) => {
      if (state === 'processing' && progress !== null) done.push(progress.done);
    });
    const finished = await over(store, id);
    expect(finished).toMatchObject({ state: 'completed', attempt: 2 });
    expect(Math.min(...done)).toBeGreaterThanOrEqual(FRAMES / 4);
    const poses = ({ result }: Job) => readFileSync(join(result?.directory ?? '', 'poses.jsonl'));
    expect(poses(finished).equals(poses(expected))).toBe(true);
  }, 90_000);

  test.for([
    ['is not there', 'nowhere.mp4', /^Video file not found: .*nowhere\.mp4$/],
    ['is no video', import.meta.filename, /not a video/],
  ] as const)(
    'a source that %s fails at once and for good',
    { timeout: 60_000 },
    async ([, videoPath, legacy]) => {
      const { store, start } = open();
      const runner = start();
      onTestFinished(() => runner.stop({ drainMs: 0 }));
      const failed = await over(store, runner.submit({ videoPath }).id);
      expect(failed).toMatchObject({
        state: 'failed',
        attempt: 1,
        error: { code: 'DECODE_FAILED', videoPath },
      });
      expect(failed.error?.message).toContain(videoPath);
      expect(failed.error && legacyErrorText(failed.error)).toMatch(legacy);
    },
  );
});
