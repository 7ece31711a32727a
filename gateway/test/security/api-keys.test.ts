/** API keys: several, read again when the file changes, never in a message. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PoseError } from 'pose-sidecar';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { ApiKeys } from '../../src/security/api-keys.ts';

const FIRST = 'first-key-0123456789';
const SECOND = 'second-key-0123456789';
let file: string;

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'pose-keys-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  file = join(folder, 'keys');
});

test('each key of the file is taken, and nothing else', () => {
  writeFileSync(file, `# the back end\n${FIRST}\n\n  ${SECOND}  \r\n`);
  const keys = new ApiKeys(file);
  expect([FIRST, SECOND].map((key) => keys.accepts(key))).toEqual([true, true]);
  for (const wrong of ['', ' ', `${FIRST} `, FIRST.slice(1), '# the back end', 'x'.repeat(100_000)]) {
    expect(keys.accepts(wrong)).toBe(false);
  }
});

test('a changed file counts within a second, without a restart', () => {
  writeFileSync(file, FIRST);
  let nowMs = 0;
  const keys = new ApiKeys(file, { nowMs: () => nowMs });
  writeFileSync(file, SECOND);
  nowMs = 1_001;
  expect(keys.accepts(SECOND)).toBe(true);
  expect(keys.accepts(FIRST)).toBe(false);
});

test('a changed file that cannot be used leaves the keys as they are, and says so once', () => {
  writeFileSync(file, FIRST);
  let nowMs = 0;
  const problems: PoseError[] = [];
  const keys = new ApiKeys(file, { nowMs: () => nowMs, onProblem: (error) => problems.push(error) });
  rmSync(file);
  for (nowMs = 2_000; nowMs < 10_000; nowMs += 2_000) expect(keys.accepts(FIRST)).toBe(true);
  expect(problems).toHaveLength(1);
  expect(problems[0]?.message).not.toContain(FIRST);
});

test.for([
  ['no key', '# nothing\n'],
  ['a short key', `${FIRST}\nshort-secret\n`],
  ['too many keys', Array.from({ length: 1_001 }, (_, number) => `${FIRST}-${number}`).join('\n')],
] as const)('a file with %s is refused, without a word of what is in it', ([, text]) => {
  writeFileSync(file, text);
  let said = '';
  try {
    new ApiKeys(file);
  } catch (error) {
    said = (error as Error).message;
  }
  expect(said).toContain('CONFIG_INVALID');
  expect(said).not.toContain('short-secret');
  expect(said).not.toContain(FIRST);
});
