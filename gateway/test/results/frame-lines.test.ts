/** Any range of any result gives exactly its frames, without a look at the others. */
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FrameIndexes, indexFrames, STRIDE } from '../../src/results/frame-index.ts';
import { frameLines } from '../../src/results/frame-lines.ts';

const folder = mkdtempSync(join(tmpdir(), 'pose-frames-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(frames: number, textOf: (frame: number) => string = String): void {
  const lines = [JSON.stringify({ skeleton: { name: 'né' } })];
  for (let frame = 0; frame < frames; frame += 1) lines.push(JSON.stringify({ frame, text: textOf(frame) }));
  writeFileSync(join(folder, 'poses.jsonl'), `${lines.join('\n')}\n`);
}

async function numbers(from?: number, to?: number): Promise<number[]> {
  const found: number[] = [];
  for await (const lines of frameLines(await indexFrames(folder), from, to)) {
    found.push(...lines.map((line) => JSON.parse(line).frame));
  }
  return found;
}

const range = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);

describe('of a result with long lines of several bytes a letter', () => {
  const FRAMES = 1_000;
  beforeAll(() => write(FRAMES, (frame) => 'ü€😀'.repeat(1 + ((frame * 37) % 300))));

  test('all frames', async () => {
    expect(await numbers()).toEqual(range(0, FRAMES - 1));
  });

  test('any range', async () => {
    const frame = fc.integer({ min: 0, max: FRAMES + 50 });
    await fc.assert(
      fc.asyncProperty(frame, frame, async (from, to) => {
        expect(await numbers(from, to)).toEqual(range(from, Math.min(to, FRAMES - 1)));
      }),
      { seed: 11, numRuns: 60 },
    );
  });
});

test.for([0, 1, STRIDE - 1, STRIDE, STRIDE + 1, 3 * STRIDE])('of %i frames', async (frames) => {
  write(frames);
  expect(await numbers()).toEqual(range(0, frames - 1));
  expect((await indexFrames(folder)).header).toEqual({ skeleton: { name: 'né' } });
});

test('a reader that leaves early leaves no file open', async () => {
  write(5_000);
  for await (const lines of frameLines(await indexFrames(folder))) {
    expect(lines.length).toBeGreaterThan(0);
    break;
  }
});

test.for([
  ['no file', null],
  ['an empty file', ''],
  ['a file without a line', 'x'.repeat(2_000_000)],
] as const)('%s is a result that is gone', async ([, text]) => {
  rmSync(join(folder, 'poses.jsonl'), { force: true });
  if (text !== null) writeFileSync(join(folder, 'poses.jsonl'), text);
  await expect(indexFrames(folder)).rejects.toMatchObject({ code: 'RESULT_GONE' });
});

test('an index is made once, and again when the file is another', async () => {
  const indexes = new FrameIndexes();
  write(10);
  const first = await indexes.of(folder);
  expect(await indexes.of(folder)).toBe(first);
  write(20);
  utimesSync(join(folder, 'poses.jsonl'), 1, 1);
  expect((await indexes.of(folder)).frames).toBe(20);
});
