/** Faults of the real daemon, provoked in Python, as this client tells them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { PosePool, Sidecar, type SidecarOptions } from '../../src/index.ts';
import { failure } from '../failures.ts';
import { checkLeaks, isAlive } from '../leaks.ts';
import { FIXTURES, HAS_FIXTURES, HAS_PYTHON, HAS_WEIGHTS, PYTHON, ROOT } from '../repository.ts';
import { oddDaemon } from './odd-estimator.ts';

beforeEach(checkLeaks);

const grey = { data: new Uint8Array(64 * 48), width: 64, height: 48, format: 'gray8' as const };
const nobody: SidecarOptions = { python: PYTHON, servicePath: ROOT, estimator: 'null' };

function makeFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pose-faults-')));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Weights are looked for beside the virtual environment too. */
const NO_VENV =
  "import runpy, sys; sys.prefix = sys.base_prefix; runpy.run_module('sidecar', run_name='__main__', alter_sys=True)";

/** A checkout without weights, and a user without any: the real ones are found beside the real checkout. */
function withoutWeights(): SidecarOptions & { readonly folder: string } {
  const folder = makeFolder();
  const filter = (source: string) => !source.includes('__pycache__');
  const files = readdirSync(ROOT).filter((name) => /^(pyproject\.toml|requirements.*\.txt)$/.test(name));
  for (const name of ['sidecar', 'models', 'protocol', ...files])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true, filter });
  const env = {
    PYTHONPATH: folder,
    HOME: folder,
    XDG_CACHE_HOME: folder,
    POSE_CACHE_DIR: join(folder, 'cache'),
  };
  const modelsDir = join(folder, 'weights');
  mkdirSync(modelsDir);
  return { command: [PYTHON, '-c', NO_VENV], cwd: folder, estimator: 'blazepose', modelsDir, env, folder };
}

describe.skipIf(!HAS_PYTHON)('loading -> exited', () => {
  test('row 15: no model file is found: every place is told, and it is not tried again', async () => {
    const { folder, ...options } = withoutWeights();
    const error = await failure(PosePool.start({ ...options, size: 1, log: () => {} }));
    expect(error).toMatchObject({ code: 'MODEL_MISSING', phase: 'loading', retryable: false });
    expect(error.message).toContain(folder);
    expect(error.hint).not.toBeNull();
  });

  test.skipIf(!HAS_WEIGHTS)('row 15: a model file that was cut short is none', async () => {
    const { folder, ...options } = withoutWeights();
    const weights = join(folder, 'weights');
    for (const name of readdirSync(join(ROOT, '.models')).filter((file) => file.endsWith('.tflite'))) {
      copyFileSync(join(ROOT, '.models', name), join(weights, name));
      truncateSync(join(weights, name), 10_000);
    }
    const error = await failure(Sidecar.start(options));
    expect(error).toMatchObject({ code: 'MODEL_MISSING', retryable: false });
    expect(error.message).toContain(weights);
  });

  test('row 40: memory that runs out while it loads is told as such', async () => {
    const error = await failure(Sidecar.start(oddDaemon('runs_out_of_memory')));
    expect(error).toMatchObject({ name: 'InitFailedError', phase: 'loading' });
    expect(error.message).toMatch(/memory/i);
  });
});

describe.skipIf(!HAS_PYTHON)('busy -> unresponsive -> exited', () => {
  test('row 41: native code holds the interpreter: no PONG, ended, and the next one serves', async () => {
    const options = oddDaemon('holds_the_gil', { deadlineMs: 60_000 });
    const pool = await PosePool.start({
      ...options,
      size: 1,
      heartbeatMs: 250,
      maxAttempts: 1,
      log: () => {},
    });
    const [pid] = pool.status().workers.flatMap(({ daemon }) => daemon?.pid ?? []);
    const error = await failure(pool.estimate(grey));
    expect(error).toMatchObject({ code: 'WORKER_UNRESPONSIVE' });
    expect(isAlive(pid as number)).toBe(false);
    await expect.poll(() => pool.status().ready, { timeout: 10_000 }).toBe(1);
    await pool.close();
  });

  test('row 42: Python computes and gets nowhere: pings are answered, and its lack of progress ends it', async () => {
    const options = oddDaemon('computes', { deadlineMs: 60_000 });
    const pool = await PosePool.start({
      ...options,
      size: 1,
      heartbeatMs: 500,
      stallTimeoutMs: 2_000,
      maxAttempts: 1,
      log: () => {},
    });
    const error = await failure(pool.estimate(grey));
    expect(error).toMatchObject({ code: 'WORKER_UNRESPONSIVE' });
    expect(error.message).toContain('made no progress for');
    await pool.close();
  });

  test('row 57: work that hears a cancel stops, and its daemon lives', async () => {
    const sidecar = await Sidecar.start(oddDaemon('waits_for_cancel'));
    const error = await failure(sidecar.estimate(grey, { deadlineMs: 200 }));
    expect(error.code).toBe('DEADLINE_EXCEEDED');
    await expect.poll(() => sidecar.status().inFlight).toBe(0);
    expect(sidecar.status().state).toBe('ready');
    await sidecar.close();
  });

  test('row 43: stopped, continued, and as if nothing had been', async () => {
    const sidecar = await Sidecar.start(nobody);
    const { pid } = sidecar.status();
    process.kill(pid, 'SIGSTOP');
    const call = sidecar.estimate(grey);
    process.kill(pid, 'SIGCONT');
    await expect(call).resolves.toMatchObject({ persons: [] });
    await sidecar.close();
  });
});

describe.skipIf(!HAS_PYTHON)('signals and hosts', () => {
  test('row 65: Ctrl-C reaches the host alone: the daemon is in a group of its own, and ignores it', async () => {
    const sidecar = await Sidecar.start(nobody);
    const { pid } = sidecar.status();
    const group = (of: number) => readFileSync(`/proc/${of}/stat`, 'utf8').split(') ')[1]?.split(' ')[2];
    if (process.platform === 'linux') expect(group(pid)).toBe(String(pid));
    process.kill(-pid, 'SIGINT');
    await expect(sidecar.estimate(grey)).resolves.toMatchObject({ persons: [] });
    await sidecar.close();
  });

  test('row 68: a worker thread that is terminated leaves no daemon', async () => {
    const file = fileURLToPath(new URL('./thread-host.ts', import.meta.url));
    const flags = ['--experimental-strip-types', '--no-warnings'];
    const host = spawn(process.execPath, [...flags, file], { stdio: ['pipe', 'pipe', 'ignore'] });
    const [line] = await once(host.stdout, 'data');
    const pids: number[] = JSON.parse(String(line));
    expect(pids.filter(isAlive)).toEqual(pids);
    host.stdin.write('end the thread\n');
    await expect.poll(() => pids.filter(isAlive), { timeout: 4_000 }).toEqual([]);
    expect(host.exitCode).toBeNull();
    host.kill();
    await once(host, 'exit');
  });

  test('row 66: SIGTERM while it starts ends a real one too', async () => {
    const pids: number[] = [];
    const options = oddDaemon('loads', { logger: (_, { pid }) => pids.push(pid) });
    const starting = failure(Sidecar.start(options));
    await expect.poll(() => pids.length, { timeout: 10_000 }).toBeGreaterThan(0);
    process.kill(pids[0] as number, 'SIGTERM');
    const error = await starting;
    expect(error.code).toMatch(/^(START_FAILED|INTERNAL|CANCELLED|DRAINING)$/);
    expect(isAlive(pids[0] as number)).toBe(false);
  });
});

describe.skipIf(!HAS_WEIGHTS || !HAS_FIXTURES)('row 79: a compiled model that was damaged on disk', () => {
  test('is compiled again, with a warning and the same numbers', async () => {
    const folder = makeFolder();
    const options: SidecarOptions = {
      python: PYTHON,
      servicePath: ROOT,
      estimator: 'blazepose',
      threads: 1,
      env: { POSE_CACHE_DIR: folder },
    };
    const picture = join(FIXTURES, 'images', '000000197388.jpg');
    const ask = async () => {
      await using sidecar = await Sidecar.start(options);
      const { persons } = await sidecar.estimate(picture);
      return { persons, warnings: sidecar.status().warnings };
    };
    const before = await ask();
    expect(before.persons.length).toBeGreaterThan(0);
    expect(before.warnings.join()).not.toContain('damaged');
    const blobs = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    for (const blob of blobs) flipLastBytes(join(blob.parentPath, blob.name));
    expect(blobs.length).toBeGreaterThan(0);
    const after = await ask();
    expect(after.warnings.length).toBeGreaterThan(before.warnings.length);
    expect(after.persons).toEqual(before.persons);
    expect((await ask()).warnings).toEqual(before.warnings);
  });
});

function flipLastBytes(file: string): void {
  const bytes = readFileSync(file);
  for (let at = Math.max(0, bytes.length - 100); at < bytes.length; at += 1)
    bytes[at] = 255 - (bytes[at] as number);
  writeFileSync(file, bytes);
}
