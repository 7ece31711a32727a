import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findBasePython, isSupported, pythonVersion } from '../../src/cli/base-python.ts';
import { setup } from '../../src/cli/setup.ts';
import { carriedWheel } from '../../src/cli/wheel.ts';
import { VERSION } from '../../src/index.ts';
import { Collected } from './output.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pose-setup-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A program that stands for a Python: prints a version when asked with -c, logs anything else and exits. */
function fakePython(name: string, version: string, exitCode = 0): string {
  const path = join(root, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(
    path,
    `#!/bin/sh\nif [ "$1" = -c ]; then printf ${version}; exit 0; fi\necho "ran: $*"\nexit ${exitCode}\n`,
  );
  chmodSync(path, 0o755);
  return path;
}

async function run(...argv: string[]) {
  const out = new Collected();
  const exitCode = await setup(
    ['--venv', join(root, '.venv'), ...argv],
    out,
    '/package/python/pose_sidecar.whl',
  );
  return { exitCode, text: out.text };
}

test('versions are compared as numbers', () => {
  expect(['3.9', '3.10', '2.7'].map(isSupported)).toEqual([false, false, false]);
  expect(['3.11', '3.12', '3.100', '4.0'].map(isSupported)).toEqual([true, true, true, true]);
});

test('the first interpreter that is new enough is taken', async () => {
  const old = fakePython('old', '3.8');
  const young = fakePython('young', '3.12');
  expect(await findBasePython([[join(root, 'absent')], [old], [young]])).toEqual({
    found: { command: [young], version: '3.12' },
  });
  expect(await findBasePython([[join(root, 'absent')], [old]])).toEqual({
    found: null,
    rejected: [`${join(root, 'absent')}: does not start`, `${old}: is Python 3.8`],
  });
});

test('a program that is no Python has no version', async () => {
  expect(await pythonVersion(['/bin/echo'])).toBeNull();
});

describe('setup', () => {
  test('into an environment that is there: wheel, weights, doctor', async () => {
    const python = fakePython('.venv/bin/python', '3.11');
    const { exitCode, text } = await run();
    expect(exitCode).toBe(0);
    const ran = [...text.matchAll(/ran: (.*)/g)].map(([, command]) => command);
    expect(ran).toEqual([
      '-m pip install --disable-pip-version-check /package/python/pose_sidecar.whl',
      '-P -m sidecar models pull',
      '-P -m sidecar doctor',
    ]);
    expect(text).toContain(`PosePool.start() finds ${python}`);
  });

  test('--no-models leaves the weights out', async () => {
    fakePython('.venv/bin/python', '3.11');
    expect((await run('--no-models')).text).not.toContain('models pull');
  });

  test('a step that fails ends it with its exit code and what to do', async () => {
    fakePython('.venv/bin/python', '3.11', 7);
    const { exitCode, text } = await run();
    expect(exitCode).toBe(7);
    expect(text).toContain('failed (exit code 7). When mended, run npx pose-sidecar setup again.');
  });

  test('an environment with an old Python is left alone', async () => {
    fakePython('.venv/bin/python', '3.8');
    const { exitCode, text } = await run();
    expect(exitCode).toBe(1);
    expect(text).toContain('is Python 3.8, older than 3.11. Remove it, or pass --venv');
  });

  test('without a Python that is new enough it says which were tried', async () => {
    const old = fakePython('old', '3.8');
    const { exitCode, text } = await run('--python', old);
    expect(exitCode).toBe(1);
    expect(text).toContain(`No Python 3.11 or newer was found:\n  ${old}: is Python 3.8`);
  });

  test('a checkout without a wheel is sent to its own script', async () => {
    const out = new Collected();
    expect(await setup([], out, null)).toBe(1);
    expect(out.text).toContain('scripts/setup');
  });
});

test('only the wheel of this version is carried', () => {
  const folder = pathToFileURL(`${root}/`);
  expect(carriedWheel(new URL('absent/', folder))).toBeNull();
  writeFileSync(join(root, 'pose_sidecar-0.0.1-py3-none-any.whl'), '');
  expect(carriedWheel(folder)).toBeNull();
  writeFileSync(join(root, `pose_sidecar-${VERSION}-py3-none-any.whl`), '');
  expect(carriedWheel(folder)).toBe(join(root, `pose_sidecar-${VERSION}-py3-none-any.whl`));
});
