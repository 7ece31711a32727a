/** Copies of the log: bounded, private, and never a reason to stop. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { LogFile } from '../../src/log/log-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pose-log-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

const neverFails = (error: Error) => {
  throw error;
};

test('lines are appended to a file of this process that others may not read', () => {
  const file = new LogFile(join(folder, 'new', 'logs'), neverFails);
  file.write('one\n');
  file.write('two\n');
  file.close();
  expect(file.path).toMatch(/pose-service-gateway-\d+\.log$/);
  expect(readFileSync(file.path, 'utf8')).toBe('one\ntwo\n');
  expect(statSync(file.path).mode & 0o007).toBe(0);
});

test('files and their number are bounded, and the newest lines are there', () => {
  const file = new LogFile(folder, neverFails, 100);
  for (let number = 0; number < 200; number += 1) file.write(`line ${String(number).padStart(4, '0')}\n`);
  file.close();
  const names = readdirSync(folder);
  expect(names).toHaveLength(5);
  for (const name of names) expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(100);
  expect(readFileSync(file.path, 'utf8')).toContain('line 0199');
});

test('files of gateways that have ended are bounded in number; those of others stay', () => {
  for (let pid = 0; pid < 9; pid += 1)
    writeFileSync(join(folder, `pose-service-gateway-${4_194_400 + pid}.log`), '');
  writeFileSync(join(folder, 'pose-service-4194400.log'), 'a daemon');
  new LogFile(folder, neverFails).close();
  expect(readdirSync(folder)).toHaveLength(5 + 1 + 1);
});

test('a folder that cannot be written is told once, and lines go nowhere', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const failures: Error[] = [];
  const log = new LogFile(file, (error) => failures.push(error));
  log.write('a\n');
  log.write('b\n');
  log.close();
  expect(failures).toHaveLength(1);
});
