/** The client with the real daemon and an estimator that sees nobody: no weights needed. */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { breakInterpreter } from '../../src/cli/broken-interpreter.ts';
import { type InitFailedError, PosePool, Sidecar, type SidecarOptions, VERSION } from '../../src/index.ts';
import { failure } from '../failures.ts';
import { checkLeaks, isAlive } from '../leaks.ts';
import { HAS_PYTHON, OLD_PYTHON, PYTHON, ROOT } from '../repository.ts';

beforeEach(checkLeaks);

const nobody: SidecarOptions = { python: PYTHON, servicePath: ROOT, estimator: 'null' };
const grey = { data: new Uint8Array(64 * 48), width: 64, height: 48, format: 'gray8' as const };

describe.skipIf(!HAS_PYTHON)('the real daemon', () => {
  test('answers, tells about itself and ends', async () => {
    const sidecar = await Sidecar.start(nobody);
    const { pid } = sidecar.status();
    await expect(sidecar.estimate(grey)).resolves.toMatchObject({ width: 64, height: 48, persons: [] });
    expect(sidecar.hello).toMatchObject({
      product: 'pose-sidecar',
      version: VERSION,
      executable: PYTHON,
      pid,
    });
    expect(sidecar.status()).toMatchObject({ state: 'ready', estimator: 'null', answered: 1, inFlight: 0 });
    await sidecar.close();
    expect(isAlive(pid)).toBe(false);
  });

  test('check() runs one inference', async () => {
    const report = await Sidecar.check(nobody);
    expect(report).toMatchObject({ ok: true, error: null, ready: { estimator: 'null' } });
  });

  test('a pool of two answers many', async () => {
    const pool = await PosePool.start({ ...nobody, size: 2 });
    const results = await Promise.all(Array.from({ length: 200 }, () => pool.estimate(grey)));
    expect(results).toHaveLength(200);
    expect(pool.status()).toMatchObject({ answered: 200, failed: 0 });
    await pool.close();
  });

  test('row 60: one bad image fails alone', async () => {
    const sidecar = await Sidecar.start(nobody);
    const [bad, good, absent] = await Promise.allSettled([
      sidecar.estimate(Buffer.from('no image')),
      sidecar.estimate(grey),
      sidecar.estimate('/nope/image.jpg'),
    ]);
    expect(bad).toMatchObject({
      status: 'rejected',
      reason: { name: 'RequestError', code: 'DECODE_FAILED' },
    });
    expect(good).toMatchObject({ status: 'fulfilled' });
    expect(absent).toMatchObject({
      status: 'rejected',
      reason: { message: expect.stringContaining('/nope/image.jpg') },
    });
    await sidecar.close();
  });

  test('its log lines reach the logger', async () => {
    const lines: string[] = [];
    const sidecar = await Sidecar.start({ ...nobody, logLevel: 'DEBUG', logger: (line) => lines.push(line) });
    await sidecar.estimate(grey);
    await sidecar.close();
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
  });

  test('killed from outside it is a death with a cause', async () => {
    const sidecar = await Sidecar.start(nobody);
    process.kill(sidecar.status().pid, 'SIGSEGV');
    await expect.poll(() => sidecar.status().state).toBe('exited');
    const error = await failure(sidecar.estimate(grey));
    expect(error).toMatchObject({ code: 'WORKER_DIED' });
    expect(error.message).toContain('SIGSEGV');
    await sidecar.close();
  });
});

describe.skipIf(!HAS_PYTHON)('start-up failures carry the daemon’s own words', () => {
  test('row 12: a module that is not there', async () => {
    const broken = await breakInterpreter(PYTHON, 'cv2');
    onTestFinished(() => broken[Symbol.asyncDispose]());
    const error = await failure<InitFailedError>(
      Sidecar.start({ ...nobody, python: broken.python, estimator: 'blazepose' }),
    );
    expect(error).toMatchObject({ code: 'IMPORT_FAILED', module: 'cv2', interpreter: broken.python });
    expect(error.package).toMatch(/^opencv-python/);
    expect(error.message).toContain('Next step: ');
  });

  test('an unknown estimator', async () => {
    const error = await failure(Sidecar.start({ ...nobody, estimator: 'nonsense' }));
    expect(error).toMatchObject({ name: 'InitFailedError', code: 'CONFIG_INVALID' });
    expect(error.message).toMatch(/nonsense.*blazepose/s);
  });

  test.skipIf(OLD_PYTHON === null)('row 20: an interpreter that is too old', async () => {
    const error = await failure<InitFailedError>(Sidecar.start({ ...nobody, python: OLD_PYTHON as string }));
    expect(error).toMatchObject({ name: 'InitFailedError', code: 'PYTHON_TOO_OLD' });
    expect(error.message).toMatch(/3\.8.*3\.11/s);
  });

  test('an interpreter without the package is passed over, with the reason', async () => {
    const error = await failure(
      Sidecar.start({ python: PYTHON, command: [PYTHON, '-S', '-P', '-m', 'sidecar'] }),
    );
    expect(error.message).toContain('No module named');
  });
});

test.skipIf(!HAS_PYTHON)('row 10: a module in the working directory shadows nothing', async () => {
  const cwd = realpathSync(mkdtempSync(join(tmpdir(), 'pose-shadow-')));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  for (const name of ['numpy', 'json', 'msgpack'])
    writeFileSync(join(cwd, `${name}.py`), 'raise SystemExit("shadowed")');
  const sidecar = await Sidecar.start({ ...nobody, cwd });
  await expect(sidecar.estimate(grey)).resolves.toBeDefined();
  await sidecar.close();
});
