/** The videos that the contract is tried on. */
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { HAS_PYTHON, renderVideo } from './rig.ts';

export const FRAMES = 31;
export const LONG_FRAMES = 90;

/** Paths of videos that are there while a file's tests run: of FRAMES, of LONG_FRAMES, and one that nobody can read. */
export function contractVideos(): { folder: string; clip: string; long: string; broken: string } {
  const folder = mkdtempSync(join(tmpdir(), 'pose-contract-'));
  const [clip, long, broken] = ['clip.mp4', 'long.mp4', 'broken.mp4'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  beforeAll(() => {
    if (!HAS_PYTHON) return;
    renderVideo(clip, FRAMES / 30);
    renderVideo(long, LONG_FRAMES / 30, 5);
    writeFileSync(broken, readFileSync(clip));
    truncateSync(broken, 400);
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  return { folder, clip, long, broken };
}
