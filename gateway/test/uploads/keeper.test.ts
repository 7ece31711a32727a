/** The folder of uploads stays within its bounds, and never loses a file that a job needs. */
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { pruneUploads } from '../../src/uploads/keeper.ts';

const NOW_S = 1_000_000;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pose-uploads-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

function put(name: string, ageS: number, bytes = 10): string {
  const path = join(folder, name);
  writeFileSync(path, Buffer.alloc(bytes));
  utimesSync(path, NOW_S - ageS, NOW_S - ageS);
  return path;
}

const bounds = { maxAgeS: 1_000, maxBytes: 100, nowS: NOW_S, inUse: new Set<string>() };

test('what is too old goes, what is young stays', async () => {
  put('old.mp4', 1_001);
  put('young.mp4', 999);
  await pruneUploads(folder, bounds);
  expect(readdirSync(folder)).toEqual(['young.mp4']);
});

test('when it is too much, the oldest go first', async () => {
  for (const [name, ageS] of [
    ['c', 30],
    ['a', 10],
    ['b', 20],
  ] as const)
    put(name, ageS, 40);
  await pruneUploads(folder, bounds);
  expect(readdirSync(folder).toSorted()).toEqual(['a', 'b']);
});

test('a file that a job needs stays, however old and large it is', async () => {
  const needed = put('needed.mp4', 5_000, 500);
  put('newer.mp4', 10);
  put('older.mp4', 6_000);
  expect(await pruneUploads(folder, { ...bounds, inUse: new Set([needed]) })).toEqual([
    join(folder, 'older.mp4'),
  ]);
});

test('parts of uploads that never ended go after two hours, not before', async () => {
  put('.incoming-old', 7_201, 1_000);
  put('.incoming-young', 7_199, 1_000);
  await pruneUploads(folder, { ...bounds, maxAgeS: 100_000 });
  expect(readdirSync(folder)).toEqual(['.incoming-young']);
});

test('a folder that is not there is empty', async () => {
  expect(await pruneUploads(join(folder, 'nope'), bounds)).toEqual([]);
});
