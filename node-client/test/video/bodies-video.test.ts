/** Bodies of a video on a pool: found by some processes, given one shape and drawn by another. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PosePool } from '../../src/index.ts';
import { pluginDaemon } from '../daemon/plugin-daemon.ts';
import { HAS_PYTHON, PYTHON, ROOT } from '../repository.ts';

const FILES = ['bodies.f32', 'bodies.jsonl', 'overlay.mp4', 'poses.jsonl'] as const;
/** Where the shape begins in a body's 230 numbers, and how many there are of it. */
const [BETAS, SHAPES] = [216, 10];

test.skipIf(!HAS_PYTHON)(
  'bodies and overlay are the same bytes for any pool',
  async () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pose-bodies-')));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const clip = join(folder, 'clip.mp4');
    const sample = ['-m', 'sidecar', 'sample', clip, '--seconds', '2', '--size', '160x120', '--seed', '3'];
    execFileSync(PYTHON, sample, { cwd: ROOT, stdio: 'pipe' });
    const daemon = pluginDaemon('shaped', 'shaped_estimator', {
      options: { file: join(folder, 'body.npz') },
    });
    const results: Buffer[][] = [];
    for (const size of [1, 2]) {
      await using pool = await PosePool.start({ ...daemon, size, log: () => {} });
      const { directory } = await pool.processVideo(clip, { out: join(folder, `out-${size}`) });
      expect(readdirSync(directory).toSorted()).toEqual([...FILES, 'summary.json']);
      results.push(FILES.map((name) => readFileSync(join(directory, name))));
    }
    const [one = [], two = []] = results;
    for (const [index, name] of FILES.entries())
      expect(two[index]?.equals(one[index] as Buffer), name).toBe(true);
    const numbers = one[0] as Buffer;
    const index = (one[1] as Buffer).toString().trim().split('\n').slice(1);
    const shapes = index.map((line) => {
      const at = JSON.parse(line).bodies[0].offset + BETAS * 4;
      return numbers.subarray(at, at + SHAPES * 4).toString('hex');
    });
    expect(shapes).toHaveLength(60);
    expect(new Set(shapes).size).toBe(1);
  },
  60_000,
);
