/** Paths that clients name: under the roots, whatever links and dots say. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { Roots } from '../../src/security/roots.ts';

let folder: string;
let roots: Roots;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pose-roots-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ['in', 'in/deep', 'outside', 'inside']) mkdirSync(join(folder, name));
  for (const name of ['in/a.mp4', 'in/deep/b.mp4', 'outside/secret.mp4', 'inside/c.mp4', 'in/..d.mp4']) {
    writeFileSync(join(folder, name), 'x');
  }
  symlinkSync(join(folder, 'outside'), join(folder, 'in', 'link'));
  symlinkSync(join(folder, 'in', 'a.mp4'), join(folder, 'outside', 'back.mp4'));
  symlinkSync(join(folder, 'nowhere'), join(folder, 'in', 'dangling.mp4'));
  roots = new Roots([join(folder, 'in'), join(folder, 'later')]);
});

async function codeOf(path: string): Promise<string> {
  return roots.file(path).then(
    () => 'taken',
    (error) => error.code,
  );
}

test.for([
  ['a file in the root', 'in/a.mp4', 'taken'],
  ['a file below', 'in/deep/b.mp4', 'taken'],
  ['a name that begins with two dots', 'in/..d.mp4', 'taken'],
  ['dots that stay inside', 'in/deep/../a.mp4', 'taken'],
  ['a link from outside into the root', 'outside/back.mp4', 'taken'],
  ['nothing there', 'in/nope.mp4', 'VIDEO_NOT_FOUND'],
  ['a link to nothing', 'in/dangling.mp4', 'VIDEO_NOT_FOUND'],
  ['the root itself', 'in', 'VIDEO_UNREADABLE'],
  ['a folder', 'in/deep', 'VIDEO_UNREADABLE'],
  ['a link out of the root', 'in/link/secret.mp4', 'PATH_NOT_ALLOWED'],
  ['dots that lead out', 'in/../outside/secret.mp4', 'PATH_NOT_ALLOWED'],
  ['a sibling whose name begins like the root', 'inside/c.mp4', 'PATH_NOT_ALLOWED'],
  ['outside, nothing there', 'outside/nope.mp4', 'PATH_NOT_ALLOWED'],
  ['a NUL', 'in/a.mp4\0', 'VIDEO_NOT_FOUND'],
  ['a path without end', `in/${'a'.repeat(5_000)}`, 'VIDEO_NOT_FOUND'],
])('%s', async ([, path, expected]) => {
  expect(await codeOf(join(folder, 'x').slice(0, -1) + path)).toBe(expected);
});

test('outside, what is there and what is not get the same answer', async () => {
  const said = async (name: string) =>
    roots.file(join(folder, 'outside', name)).catch((error) => error.message.replaceAll(name, 'NAME'));
  expect(await said('secret.mp4')).toBe(await said('nope.mp4'));
});

test('the old words begin every refusal of a file that is not there', async () => {
  await expect(roots.file(join(folder, 'in', 'nope.mp4'))).rejects.toThrow(
    `Video file not found: ${join(folder, 'in', 'nope.mp4')}`,
  );
});

test('a root that is made later counts from then on', async () => {
  const path = join(folder, 'later', 'e.mp4');
  expect(await codeOf(path)).toBe('VIDEO_NOT_FOUND');
  mkdirSync(join(folder, 'later'));
  writeFileSync(path, 'x');
  expect(await codeOf(path)).toBe('taken');
});

test.skipIf(process.getuid?.() === 0)('a file that may not be read is refused', async () => {
  chmodSync(join(folder, 'in', 'a.mp4'), 0);
  expect(await codeOf(join(folder, 'in', 'a.mp4'))).toBe('VIDEO_UNREADABLE');
});
