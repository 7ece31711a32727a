/** One video on a pool: the same bytes for any size and after a death, resumable, paced by its reader. */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type PoolOptions, PosePool, type VideoFrame, type VideoProgress } from '../../src/index.ts';
import { failure } from '../failures.ts';
import { checkLeaks } from '../leaks.ts';
import { HAS_PYTHON, PYTHON, ROOT } from '../repository.ts';

const SECONDS = 6;
const FRAMES = SECONDS * 30;

/** Sees one figure in every picture: no weights needed. Slow enough to be killed at work. */
const figures: PoolOptions = {
  python: PYTHON,
  servicePath: ROOT,
  estimator: 'null',
  options: { persons: 1, delay_ms: 5 },
  log: () => {},
};

describe.skipIf(!HAS_PYTHON)('a video', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pose-video-'));
  const clip = join(folder, 'clip.mp4');
  let expected: Buffer;

  beforeAll(async () => {
    const sample = [
      '-m',
      'sidecar',
      'sample',
      clip,
      '--seconds',
      String(SECONDS),
      '--size',
      '160x120',
      '--seed',
      '3',
    ];
    execFileSync(PYTHON, sample, { cwd: ROOT, stdio: 'pipe' });
    const pool = await PosePool.start({ ...figures, size: 1 });
    const { directory, reused } = await pool.processVideo(clip, { out: join(folder, 'one'), overlay: false });
    await pool.close();
    expect(reused).toBe(false);
    expected = readFileSync(join(directory, 'poses.jsonl'));
  }, 60_000);

  afterAll(() => rmSync(folder, { recursive: true }));

  beforeEach(checkLeaks);

  let runs = 0;
  const newOut = () => {
    runs += 1;
    return join(folder, `out-${runs}`);
  };
  const poses = (directory: string) => readFileSync(join(directory, 'poses.jsonl'));

  test('gives the same bytes on a pool of two, with every frame, an overlay and a summary', async () => {
    await using pool = await PosePool.start({ ...figures, size: 2 });
    const progress: VideoProgress[] = [];
    const outcome = await pool.processVideo(clip, { out: newOut(), onProgress: (now) => progress.push(now) });
    expect(poses(outcome.directory).equals(expected)).toBe(true);
    expect(expected.toString().trim().split('\n')).toHaveLength(FRAMES + 1);
    expect(readdirSync(outcome.directory).toSorted()).toEqual(['overlay.mp4', 'poses.jsonl', 'summary.json']);
    expect(outcome.summary).toMatchObject({ frames: FRAMES, tracks: 1, message: null });
    expect(progress.map(({ done }) => done)).toEqual(
      progress.map(({ done }) => done).toSorted((a, b) => a - b),
    );
    expect(progress.at(-1)).toMatchObject({ done: FRAMES, total: FRAMES });
  });

  test('tells how far it is where nothing but an overlay is left to draw', async () => {
    await using pool = await PosePool.start({ ...figures, size: 1 });
    const out = newOut();
    const first = await pool.processVideo(clip, { out, overlay: false });
    const steps: number[] = [];
    const onProgress = ({ finishing = 0 }: VideoProgress) => steps.push(finishing);
    const second = await pool.processVideo(clip, { out, overlay: true, onProgress });
    expect(second.directory).toBe(first.directory);
    expect(readdirSync(out)).toEqual([basename(first.directory)]);
    expect(steps.length).toBeGreaterThan(0);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    expect(steps[0]).toBeGreaterThan(0);
  });

  test('gives the bytes that the Python command gives', () => {
    const out = newOut();
    const command = ['-m', 'sidecar', 'video', clip, '--out', out, '--no-overlay', '--estimator', 'null'];
    const options = ['--option', 'persons=1', '--option', 'delay_ms=5'];
    const said = execFileSync(PYTHON, [...command, ...options], {
      cwd: ROOT,
      stdio: 'pipe',
      encoding: 'utf8',
    });
    expect(poses(said.trim()).equals(expected)).toBe(true);
  });

  test('survives daemons that are killed in the middle, with the same bytes', async () => {
    // Two kills may meet one segment, which is then no poison.
    await using pool = await PosePool.start({ ...figures, size: 2, maxAttempts: 9, quarantineAfter: 0 });
    let killed = 0;
    const outcome = await pool.processVideo(clip, {
      out: newOut(),
      overlay: false,
      onProgress: ({ done }) => {
        if (killed * 60 + 30 > done) return;
        const { daemon } = pool.status().workers[killed % 2] ?? {};
        if (daemon) process.kill(daemon.pid, 'SIGKILL');
        killed += 1;
      },
    });
    expect(killed).toBeGreaterThan(1);
    expect(pool.status().deaths).toBeGreaterThan(1);
    expect(poses(outcome.directory).equals(expected)).toBe(true);
  });

  test('yields its frames as they become final, and asking again yields them at once', async () => {
    await using pool = await PosePool.start({ ...figures, size: 2 });
    const out = newOut();
    for (const again of [false, true]) {
      const frames: VideoFrame[] = [];
      for await (const frame of pool.video(clip, { out })) frames.push(frame);
      expect(frames.map(({ frame }) => frame)).toEqual([...Array(FRAMES).keys()]);
      const [first] = frames;
      expect(first?.persons[0]).toMatchObject({ id: 1, provenance: 'detected', distance: 0, score: 1 });
      expect(first?.persons[0]?.keypoints).toBeInstanceOf(Float32Array);
      expect(first?.persons[0]?.keypoints).toHaveLength(17 * 4);
      expect(pool.status().answered > 0).toBe(true);
      if (again) expect((await pool.processVideo(clip, { out, overlay: false })).reused).toBe(true);
    }
  });

  test('another video of the same name, size and all but one byte has another result', async () => {
    await using pool = await PosePool.start({ ...figures, size: 1 });
    const out = newOut();
    const first = await pool.processVideo(clip, { out, overlay: false });
    const other = join(folder, 'other', 'clip.mp4');
    mkdirSync(join(folder, 'other'));
    const bytes = readFileSync(clip);
    const last = bytes.length - 1;
    bytes[last] = (bytes[last] ?? 0) ^ 1;
    writeFileSync(other, bytes);
    expect(statSync(other).size).toBe(statSync(clip).size);
    const second = await pool.processVideo(other, { out, overlay: false });
    expect(second.reused).toBe(false);
    expect(second.directory).not.toBe(first.directory);
  });

  test('that is aborted keeps its finished segments, and the next run goes on from them', async () => {
    const out = newOut();
    const stop = new AbortController();
    await using pool = await PosePool.start({ ...figures, size: 2 });
    const stopAt = ({ done }: VideoProgress) => {
      if (done > FRAMES / 2) stop.abort();
    };
    const error = await failure(
      pool.processVideo(clip, { out, overlay: false, signal: stop.signal, onProgress: stopAt }),
    );
    expect(error.code).toBe('ABORTED');
    const kept = () =>
      readdirSync(join(out, readdirSync(out).find((name) => name.endsWith('.work')) ?? '', 'parts'));
    await expect.poll(() => kept().filter((name) => name.endsWith('.part')).length).toBeGreaterThan(0);
    const firstCount: number[] = [];
    const { directory } = await pool.processVideo(clip, {
      out,
      overlay: false,
      onProgress: ({ done }) => firstCount.push(done),
    });
    expect(firstCount[0]).toBeGreaterThanOrEqual(FRAMES / 4);
    expect(poses(directory).equals(expected)).toBe(true);
    expect(readdirSync(out)).toHaveLength(1);
  });

  test('row 61: whoever stops reading frames stops the work', async () => {
    const long = join(folder, 'long.mp4');
    const sample = ['-m', 'sidecar', 'sample', long, '--seconds', '24', '--size', '64x48', '--seed', '3'];
    execFileSync(PYTHON, sample, { cwd: ROOT, stdio: 'pipe' });
    await using pool = await PosePool.start({ ...figures, options: { persons: 1 }, size: 1 });
    let done = 0;
    const frames = pool.video(long, { out: newOut(), onProgress: (now) => (done = now.done) });
    await frames.next();
    await expect.poll(() => pool.status().inFlight, { timeout: 20_000 }).toBe(0);
    const held = done;
    expect(held).toBeLessThan(24 * 30 * 0.6);
    for (let taken = 0; taken < 300; taken += 1) await frames.next();
    await expect.poll(() => done, { timeout: 20_000 }).toBeGreaterThan(held);
    await frames.return(undefined);
    await expect.poll(() => pool.status().inFlight).toBe(0);
  }, 60_000);

  test('two at once do not wait for each other', async () => {
    await using pool = await PosePool.start({ ...figures, size: 2 });
    const outs = [newOut(), newOut()];
    const outcomes = await Promise.all(outs.map((out) => pool.processVideo(clip, { out, overlay: false })));
    for (const { directory } of outcomes) expect(poses(directory).equals(expected)).toBe(true);
  });

  test('the same one twice at once is worked on once', async () => {
    await using pool = await PosePool.start({ ...figures, size: 2 });
    const out = newOut();
    const outcomes = await Promise.all([1, 2].map(() => pool.processVideo(clip, { out, overlay: false })));
    for (const { directory } of outcomes) expect(poses(directory).equals(expected)).toBe(true);
    expect(readdirSync(out)).toHaveLength(1);
  });

  test('that takes too long is ended with its limit named', async () => {
    await using pool = await PosePool.start({ ...figures, options: { persons: 1, delay_ms: 500 }, size: 1 });
    const error = await failure(pool.processVideo(clip, { out: newOut(), timeoutMs: 1_500 }));
    expect(error).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(error.message).toContain('within 1500 ms');
  });

  test.for([
    ['is not there', 'nowhere.mp4', 'DECODE_FAILED'],
    ['is no video', import.meta.filename, 'DECODE_FAILED'],
    ['is empty text', '', 'INVALID_REQUEST'],
  ] as const)('a source that %s', async ([, path, code]) => {
    await using pool = await PosePool.start({ ...figures, size: 1 });
    expect(await failure(pool.processVideo(path, { out: newOut() }))).toMatchObject({ code });
  });

  test("its trace stands in the daemon's lines", async () => {
    const lines: string[] = [];
    await using pool = await PosePool.start({ ...figures, size: 1, logger: (line) => lines.push(line) });
    const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await failure(pool.processVideo(import.meta.filename, { out: newOut(), trace }));
    await expect.poll(() => lines.filter((line) => line.includes(trace))).not.toEqual([]);
  });

  test('what is cut off is worked on as far as it goes, and said', async () => {
    const cut = join(folder, 'cut.mkv');
    copyFileSync(clip, cut);
    truncateSync(cut, Math.floor(statSync(cut).size * 0.7));
    await using pool = await PosePool.start({ ...figures, size: 1 });
    const error = await pool.processVideo(cut, { out: newOut(), overlay: false }).then(
      ({ summary }) => summary.message,
      ({ code }) => code,
    );
    // An MP4 whose index stands at its end cannot be read at all; one that can says what is missing.
    expect(error === 'DECODE_FAILED' || String(error).includes('truncated')).toBe(true);
  });

  test('wrong options are refused, all at once', async () => {
    await using pool = await PosePool.start({ ...figures, size: 1 });
    const wrong = { effort: 'some', minScore: 2, nonsense: 1, trace: 5, assemble: { clean: 'none', gap: 1 } };
    const error = await failure(pool.processVideo(clip, wrong as never));
    expect(error.code).toBe('INVALID_REQUEST');
    for (const words of ['effort must be one of', 'minScore', 'nonsense', 'gap', 'trace must be'])
      expect(error.message).toContain(words);
    const range = await failure(pool.processVideo(clip, { out: newOut(), assemble: { maxGapS: 99 } }));
    expect(range.message).toContain('max_gap_s must be a number from 0 to 10, got 99');
  });
});
