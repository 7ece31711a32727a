/** A user's first minutes: an empty folder, `npm i pose-sidecar`, `npx pose-sidecar setup`, the first people. */
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { VERSION } from '../../src/index.ts';
import { FIXTURES, HAS_FIXTURES, ROOT } from '../repository.ts';

const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));

let root: string;
let app: string;

/** Where users are: no workspace above, no settings of ours in the environment. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(POSE_|npm_|VIRTUAL_ENV|NODE_PATH|VITEST|INIT_CWD)/i.test(name),
  );
  return { ...Object.fromEntries(kept), POSE_CACHE_DIR: join(root, 'cache') };
}

async function inApp(file: string, ...args: string[]): Promise<{ exitCode: number; text: string }> {
  try {
    const { stdout, stderr } = await promisify(execFile)(file, args, {
      cwd: app,
      env: cleanEnvironment(),
      maxBuffer: 2 ** 26,
    });
    return { exitCode: 0, text: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { exitCode: code, text: stdout + stderr };
  }
}

function runModule(program: string) {
  writeFileSync(join(app, 'program.mjs'), program);
  return inApp(process.execPath, 'program.mjs');
}

/** Run a module in the app and return what it printed as JSON. */
async function evaluate(program: string): Promise<unknown> {
  return JSON.parse((await runModule(program)).text);
}

function readmeExamples(): readonly string[] {
  const readme = readFileSync(join(app, 'node_modules', 'pose-sidecar', 'README.md'), 'utf8');
  return [...readme.matchAll(/```js\n(.*?)```/gs)].map(([, program]) => program as string);
}

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'pose-packaging-'));
  app = join(root, 'app');
  execFileSync('npm', ['pack', '--silent', '--pack-destination', root], {
    cwd: PACKAGE,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  mkdirSync(app);
  execFileSync('npm', ['init', '--yes'], { cwd: app, env: cleanEnvironment(), stdio: 'ignore' });
  const tarball = join(root, `pose-sidecar-${VERSION}.tgz`);
  execFileSync('npm', ['install', '--no-audit', '--no-fund', tarball], {
    cwd: app,
    env: cleanEnvironment(),
    stdio: 'ignore',
  });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('it brings two dependencies, the wheel of its version and no sources', () => {
  const installed = join(app, 'node_modules', 'pose-sidecar');
  const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  expect(Object.keys(manifest.dependencies).length).toBeLessThanOrEqual(2);
  expect(existsSync(join(installed, 'python', `pose_sidecar-${VERSION}-py3-none-any.whl`))).toBe(true);
  expect(existsSync(join(installed, 'LICENSE'))).toBe(true);
  expect(existsSync(join(installed, 'src'))).toBe(false);
  expect(existsSync(join(installed, 'test'))).toBe(false);
});

test('the scripted daemon works from the installed package', async () => {
  const result = await evaluate(`
    import { PosePool } from 'pose-sidecar';
    import { fakeDaemon } from 'pose-sidecar/testing';
    const pool = await PosePool.start({ ...fakeDaemon('healthy', { persons: 2 }), size: 1 });
    const { persons } = await pool.estimate(Buffer.from('x'));
    await pool.close();
    console.log(JSON.stringify(persons.length));`);
  expect(result).toBe(2);
});

test('the example of the testing kit in the README runs', async () => {
  const { exitCode, text } = await runModule(readmeExamples().at(-1) as string);
  expect(exitCode, text).toBe(0);
  expect(text).toBe('WORKER_DIED true true\n');
});

test('CommonJS may require it', async () => {
  writeFileSync(
    join(app, 'program.cjs'),
    `console.log(typeof require('pose-sidecar').PosePool.start, typeof require('pose-sidecar/testing').fakeDaemon);`,
  );
  const { exitCode, text } = await inApp(process.execPath, 'program.cjs');
  expect(exitCode, text).toBe(0);
  expect(text).toContain('function function');
});

test('its types hold for the strictest user, from ES modules and CommonJS', async () => {
  const consumers = {
    'consumer.mts': `
      import { type PoolOptions, PoseError, PosePool, type PoseResult } from 'pose-sidecar';
      import { fakeDaemon } from 'pose-sidecar/testing';
      const options: PoolOptions = { ...fakeDaemon('healthy', { persons: 2 }), size: 1 };
      const pool = await PosePool.start(options);
      const result: PoseResult = await pool.estimate(new Uint8Array(1), { deadlineMs: 5_000 });
      export const rows: Float32Array | undefined = result.persons[0]?.keypoints;
      export const codeOf = (error: unknown): string | null => (error instanceof PoseError ? error.code : null);
      // @ts-expect-error: a misspelt option
      await PosePool.start({ sizes: 1 });`,
    'consumer.cts': `
      import { Sidecar } from 'pose-sidecar';
      export const start: () => Promise<Sidecar> = () => Sidecar.start({ estimator: 'null' });`,
  };
  for (const [name, program] of Object.entries(consumers)) writeFileSync(join(app, name), program);
  const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const options = '--noEmit --strict --exactOptionalPropertyTypes --noUncheckedIndexedAccess --ignoreConfig';
  const target = '--module nodenext --target es2022 --types node --typeRoots';
  const flags = [...`${options} ${target}`.split(' '), join(ROOT, 'node_modules', '@types')];
  const { exitCode, text } = await inApp(process.execPath, compiler, ...flags, ...Object.keys(consumers));
  expect(text).toBe('');
  expect(exitCode).toBe(0);
});

test('before setup the error says what to run', async () => {
  const message = await evaluate(`
    import { Sidecar } from 'pose-sidecar';
    process.env.PATH = '';
    console.log(JSON.stringify(await Sidecar.start().catch((error) => error.message)));`);
  expect(message).toContain('SPAWN_FAILED: no Python interpreter with pose-sidecar was found');
  expect(message).toContain('npx pose-sidecar setup');
});

describe('after `npx pose-sidecar setup`', () => {
  beforeAll(async () => {
    const { exitCode, text } = await inApp('npx', 'pose-sidecar', 'setup');
    expect(exitCode, text).toBe(0);
    expect(text).toContain('Ready: PosePool.start() finds');
  });

  test('the pool finds it and answers', async () => {
    const [interpreter, estimator, width] = (await evaluate(`
      import { PosePool } from 'pose-sidecar';
      const pool = await PosePool.start({ size: 1 });
      const data = new Uint8Array(64 * 48);
      const { width } = await pool.estimate({ data, width: 64, height: 48, format: 'gray8' });
      const [{ daemon }] = pool.status().workers;
      await pool.close();
      console.log(JSON.stringify([daemon.interpreter, daemon.estimator, width]));`)) as [
      string,
      string,
      number,
    ];
    expect(interpreter).toContain(join(basename(app), '.venv'));
    expect(estimator).toBe('blazepose');
    expect(width).toBe(64);
  });

  test.skipIf(!HAS_FIXTURES)('the example of the README finds somebody', async () => {
    cpSync(join(FIXTURES, 'images', '000000000785.jpg'), join(app, 'rider.jpg'));
    const { exitCode, text } = await runModule(readmeExamples()[0] as string);
    expect(exitCode, text).toBe(0);
    expect(text).toMatch(/width: 640,.*visibility: 0\.\d+/s);
  });

  test('the examples of supervision and of videos in the README run', async () => {
    const supervised = await runModule(readmeExamples()[1] as string);
    expect(supervised.exitCode, supervised.text).toBe(0);
    expect(supervised.text).toMatch(/0 ready busy a request: estimate\n0 busy ready .*\n1 0\n/s);

    const sample = ['pose-sidecar', 'sample', 'ride.mp4', '--seconds', '1', '--people', '1'];
    expect(await inApp('npx', ...sample)).toMatchObject({ exitCode: 0 });
    const video = await runModule(readmeExamples()[2] as string);
    expect(video.exitCode, video.text).toBe(0);
    expect(video.text).toMatch(/^0 1\n1 1\n.*29 1\n.*results.video_[0-9a-f]{16} 30\n$/s);
  });

  test('check and doctor agree', async () => {
    expect(await inApp('npx', 'pose-sidecar', 'check')).toMatchObject({
      exitCode: 0,
      text: expect.stringContaining('✓ blazepose'),
    });
    expect(await inApp('npx', 'pose-sidecar', 'doctor')).toMatchObject({ exitCode: 0 });
  });

  test('unequal halves are named with both versions', async () => {
    const manifest = join(app, 'node_modules', 'pose-sidecar', 'package.json');
    const original = readFileSync(manifest, 'utf8');
    writeFileSync(manifest, original.replace(`"version": "${VERSION}"`, '"version": "9.9.9"'));
    try {
      const { exitCode, text } = await inApp('npx', 'pose-sidecar', 'check');
      expect(exitCode).toBe(1);
      expect(text).toContain(
        `VERSION_SKEW: the Python half is pose-sidecar ${VERSION}, the npm package is 9.9.9`,
      );
      expect(text).toContain('npx pose-sidecar setup');
    } finally {
      writeFileSync(manifest, original);
    }
  });
});
