import { beforeEach, describe, expect, test } from 'vitest';
import { InitFailedError, Sidecar, type SidecarOptions, type StartError } from '../../src/index.ts';
import { fakeDaemon } from '../../src/testing/index.ts';
import { failure } from '../failures.ts';
import { checkLeaks, checkLeaksOfGroup, isAlive } from '../leaks.ts';

const startFailure = (options: SidecarOptions) => failure<StartError>(Sidecar.start(options));

describe('spawn', () => {
  beforeEach(checkLeaks);

  test('row 1: an interpreter that is missing is named with where it came from', async () => {
    const error = await startFailure({ python: '/nope/python' });
    expect(error).toMatchObject({ code: 'SPAWN_FAILED', phase: 'spawning', retryable: false });
    expect(error.rejected).toEqual([
      { source: 'option python', path: '/nope/python', reason: 'no such file' },
    ]);
    expect(error.message).toContain('option python: /nope/python: no such file');
    expect(error.message).toContain('npx pose-sidecar setup');
  });

  test('row 1: a command that is missing', async () => {
    const error = await startFailure({ command: ['/nope/daemon'] });
    expect(error).toMatchObject({ code: 'SPAWN_FAILED' });
    expect(error.message).toContain('cannot start /nope/daemon: no such program (ENOENT)');
  });

  test('row 2: a missing working directory is not taken for a missing interpreter', async () => {
    const error = await startFailure({ ...fakeDaemon(), cwd: '/nope/here' });
    expect(error).toMatchObject({ code: 'SPAWN_FAILED' });
    expect(error.message).toContain('the working directory /nope/here is not there');
  });

  test('row 3: a file that may not be executed', async () => {
    const error = await startFailure({ command: ['/etc/passwd'] });
    expect(error.message).toMatch(/cannot start \/etc\/passwd: the file may not be executed \(EACCES\)/);
  });

  test('row 6: too much environment is named', async () => {
    const error = await startFailure({ ...fakeDaemon(), env: { HUGE: 'x'.repeat(4 * 1024 * 1024) } });
    expect(error.message).toContain('arguments and environment are too large (E2BIG)');
    expect(error.retryable).toBe(false);
  });

  test('a NUL byte in the environment is named', async () => {
    const error = await startFailure({ ...fakeDaemon(), env: { NAME: 'a\0b' } });
    expect(error).toMatchObject({ code: 'SPAWN_FAILED', retryable: false });
    expect(error.message).toContain('holds a NUL byte');
  });

  test('row 9: a wrapper and the daemon behind it both end', async () => {
    const { command } = fakeDaemon();
    const quoted = command.map((part) => `'${part}'`).join(' ');
    const sidecar = await Sidecar.start({ command: ['/bin/sh', '-c', `${quoted}; true`] });
    expect(sidecar.hello.pid).not.toBe(sidecar.status().pid);
    await sidecar.close();
    expect(isAlive(sidecar.hello.pid)).toBe(false);
  });
});

describe('before ready', () => {
  beforeEach(checkLeaks);

  test('row 11: a crash before HELLO shows its last words, not a broken pipe', async () => {
    const error = await startFailure(fakeDaemon('crash-before-hello'));
    expect(error).toMatchObject({
      code: 'START_FAILED',
      phase: 'spawning',
      exit: { exitCode: 1, signal: null },
    });
    expect(error.message).toContain('SyntaxError: invalid syntax');
    expect(error.message).not.toMatch(/EPIPE|write EOF/);
  });

  test('row 12: the daemon knows the cause, and the error carries all of it', async () => {
    const error = (await startFailure(fakeDaemon('init-failed'))) as InitFailedError;
    expect(error).toBeInstanceOf(InitFailedError);
    expect(error).toMatchObject({
      code: 'IMPORT_FAILED',
      phase: 'importing',
      module: 'cv2',
      package: 'opencv-python-headless',
      interpreter: process.execPath,
      command: 'python -m pip install opencv-python-headless',
      hint: 'Install it: python -m pip install opencv-python-headless',
      retryable: false,
    });
    expect(error.message).toMatch(/^IMPORT_FAILED: cannot import cv2.*\nNext step: Install it:/);
  });

  test.for([
    ['SIGILL', 'START_FAILED', 'compiled for another CPU'],
    ['SIGSEGV', 'START_FAILED', 'a native library read memory'],
    ['SIGKILL', 'OOM_SUSPECTED', 'SIGKILL'],
    [127, 'START_FAILED', 'a shared library is missing'],
  ] as const)('rows 13 and 16: %s while importing', async ([x, code, words]) => {
    const error = await startFailure(fakeDaemon('die-while-importing', { x }));
    expect(error).toMatchObject({ code, phase: 'importing' });
    expect(error.message).toContain(words);
  });

  test('row 16: killed while it loads is told as memory, not as a defect of the program', async () => {
    const error = await startFailure(fakeDaemon('die-while-loading', { x: 'SIGKILL' }));
    expect(error).toMatchObject({ code: 'OOM_SUSPECTED', phase: 'loading', retryable: true });
  });

  test('row 66: ended from outside while it starts', async () => {
    const pids: number[] = [];
    const starting = startFailure({
      ...fakeDaemon('hang-importing'),
      logger: (_, { pid }) => pids.push(pid),
      env: { NODE_DEBUG: 'module' },
    });
    await expect.poll(() => pids.length).toBeGreaterThan(0);
    process.kill(pids[0] as number, 'SIGTERM');
    expect(await starting).toMatchObject({
      code: 'START_FAILED',
      exit: { exitCode: null, signal: 'SIGTERM' },
    });
  });

  test.for([
    ['ready-before-hello', 'sent ready before hello'],
    ['progress-before-hello', 'sent progress before hello'],
    ['hello-twice', 'sent hello before ready'],
    ['wrong-nonce', 'nonce of another start'],
  ] as const)('rows 18 and 69: %s breaks the protocol', async ([behaviour, words]) => {
    const error = await startFailure(fakeDaemon(behaviour));
    expect(error).toMatchObject({ code: 'PROTOCOL_ERROR' });
    expect(error.message).toContain(words);
  });

  test.for<[what: string, option: unknown, words: string]>([
    ['a function', () => {}, 'got function'],
    ['NaN', Number.NaN, 'numbers must be finite, got NaN'],
    ['megabytes', 'x'.repeat(2 ** 20), 'is over the limit of'],
  ])('an option of the estimator that is %s is refused, not thrown', async ([, value, words]) => {
    const error = await startFailure({ ...fakeDaemon(), options: { value } });
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', phase: 'hello', retryable: false });
    expect(error.message).toContain(words);
  });

  test('row 18: a second READY in the same chunk is not lost', async () => {
    const sidecar = await Sidecar.start(fakeDaemon('ready-twice'));
    const error = await failure(sidecar.estimate(Buffer.from('x')));
    expect(error.message).toContain('ready came after ready');
    await sidecar.close();
  });

  test('row 19: a banner on its output is quoted', async () => {
    const error = await startFailure(fakeDaemon('banner-before-hello'));
    expect(error).toMatchObject({ code: 'PROTOCOL_ERROR' });
    expect(error.message).toContain('Welcome to the environment');
  });

  test('row 20: protocol majors that do not meet are both shown', async () => {
    const error = await startFailure(fakeDaemon('healthy', { hello: { protocol: [8, 9] } }));
    expect(error).toMatchObject({ code: 'VERSION_SKEW', retryable: false });
    expect(error.message).toMatch(/protocol \[8, 9\].*this client \[1\]/);
  });

  test('unequal halves are both named, with the command', async () => {
    const error = await startFailure(fakeDaemon('healthy', { hello: { version: '9.8.7' } }));
    expect(error).toMatchObject({ code: 'VERSION_SKEW', phase: 'hello' });
    expect(error.message).toMatch(/pose-sidecar 9\.8\.7, the npm package is \d+\.\d+\.\d+/);
    expect(error.hint).toContain('npx pose-sidecar setup');
  });
});

describe.concurrent('limits of time', () => {
  checkLeaksOfGroup();

  test.for([
    ['silent', 'spawning'],
    ['hang-importing', 'importing'],
  ] as const)('row 14: %s is killed after the silence limit', async ([behaviour, phase]) => {
    const error = await startFailure({ ...fakeDaemon(behaviour), startSilenceMs: 2_000 });
    expect(error).toMatchObject({ code: 'START_TIMEOUT', phase, retryable: true });
    expect(error.message).toContain('said nothing for 2000 ms');
  });

  test('row 18: HELLO that comes too late', async () => {
    const error = await startFailure({ ...fakeDaemon('late-hello', { x: 60_000 }), startSilenceMs: 2_000 });
    expect(error).toMatchObject({ code: 'START_TIMEOUT', phase: 'spawning' });
  });

  test('row 17: slow but talking is not killed for silence', async () => {
    const sidecar = await Sidecar.start({
      ...fakeDaemon('slow-loading', { x: 3_500 }),
      startSilenceMs: 2_500,
    });
    await sidecar.close();
  });

  test('row 17: the limit for everything holds even for one that talks', async () => {
    const error = await startFailure({ ...fakeDaemon('slow-loading', { x: 60_000 }), startTimeoutMs: 2_000 });
    expect(error).toMatchObject({ code: 'START_TIMEOUT', phase: 'loading' });
  });

  test('row 21: one that becomes ready too late is ended, not leaked', async () => {
    const error = await startFailure({ ...fakeDaemon('late-ready', { x: 2_500 }), startSilenceMs: 2_000 });
    expect(error).toMatchObject({ code: 'START_TIMEOUT' });
  });
});

describe('the caller gives up', () => {
  beforeEach(checkLeaks);

  test('before the start: nothing is spawned', async () => {
    const error = await startFailure({ ...fakeDaemon(), signal: AbortSignal.abort('never mind') });
    expect(error).toMatchObject({ code: 'ABORTED', name: 'AbortError', cause: 'never mind' });
  });

  test('row 67: during the start, and the process is gone when the promise settles', async () => {
    const controller = new AbortController();
    const words: string[] = [];
    const starting = startFailure({
      ...fakeDaemon('hang-importing'),
      signal: controller.signal,
      logger: (line) => words.push(line),
    });
    controller.abort();
    expect(await starting).toMatchObject({ code: 'ABORTED' });
  });
});
