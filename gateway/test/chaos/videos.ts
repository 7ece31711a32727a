/** Small videos, each with bytes of its own, so that each is worked on. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PYTHON, ROOT } from './repository.ts';

/** Rendered; the others are these with an empty box of their own behind them. */
const RENDERED = 4;

export function makeVideos(folder: string, count: number, seconds: number): string[] {
  mkdirSync(folder, { recursive: true });
  const rendered = Array.from({ length: Math.min(RENDERED, count) }, (_, seed) => {
    const path = join(folder, `rendered-${seed}.mp4`);
    const flags = ['--seconds', String(seconds), '--size', '96x64', '--seed', String(seed + 1)];
    execFileSync(PYTHON, ['-m', 'sidecar', 'sample', path, ...flags], { cwd: ROOT, stdio: 'pipe' });
    return readFileSync(path);
  });
  return Array.from({ length: count }, (_, index) => {
    const path = join(folder, `video-${index}.mp4`);
    const box = Buffer.alloc(12);
    box.writeUInt32BE(box.length, 0);
    box.write('free', 4, 'latin1');
    box.writeUInt32BE(index, 8);
    writeFileSync(path, Buffer.concat([rendered[index % RENDERED] ?? Buffer.alloc(0), box]));
    return path;
  });
}
