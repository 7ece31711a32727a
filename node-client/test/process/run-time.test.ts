import { getEventListeners } from 'node:events';
import { beforeEach, describe, expect, test } from 'vitest';
import { Sidecar, type WorkerDiedError } from '../../src/index.ts';
import { fakeDaemon } from '../../src/testing/index.ts';
import { failure, requestFailure } from '../failures.ts';
import { checkLeaks, isAlive } from '../leaks.ts';

beforeEach(checkLeaks);

const image = Buffer.from('image');

describe('the daemon dies', () => {
  test.for<[x: string | number, code: string, words: string]>([
    [0, 'WORKER_DIED', 'exited with code 0 (it ended as if its work were done)'],
    [1, 'WORKER_DIED', 'exited with code 1'],
    ['SIGSEGV', 'WORKER_DIED', 'was killed by SIGSEGV'],
    ['SIGABRT', 'WORKER_DIED', 'was killed by SIGABRT'],
    ['SIGBUS', 'WORKER_DIED', 'was killed by SIGBUS'],
    ['SIGFPE', 'WORKER_DIED', 'was killed by SIGFPE'],
    ['SIGKILL', 'OOM_SUSPECTED', 'SIGKILL'],
  ])('rows 37 to 39: %s', async ([x, code, words]) => {
    const error = await requestFailure<WorkerDiedError>(fakeDaemon('die-on-request', { x }));
    expect(error).toMatchObject({ code, name: 'WorkerDiedError', retryable: true });
    expect(error.message).toContain(words);
    expect(error.uptimeMs).toBeGreaterThan(0);
    expect(error.message).not.toMatch(/EPIPE|write EOF/);
  });

  test('row 33: large bodies are on their way to it, and only the cause is reported', async () => {
    const sidecar = await Sidecar.start(fakeDaemon('die-on-request', { x: 'SIGTERM' }));
    const megabytes = Buffer.alloc(16 * 1024 * 1024);
    const calls = Array.from({ length: 6 }, () => failure(sidecar.estimate(megabytes)));
    for (const error of await Promise.all(calls)) {
      expect(error).toMatchObject({ code: 'WORKER_DIED' });
      expect(error.message).toContain('was killed by SIGTERM');
    }
    expect(await failure(sidecar.estimate(image))).toMatchObject({ code: 'WORKER_DIED' });
    expect(sidecar.status()).toMatchObject({ state: 'exited', failed: 7, inFlight: 0, queued: 0 });
    await sidecar.close();
  });

  test('row 49: a grandchild that holds the pipes delays nothing, and ends too', async () => {
    const lines: string[] = [];
    const sidecar = await Sidecar.start({
      ...fakeDaemon('grandchild-holds-pipes', { x: 1 }),
      logger: (line) => lines.push(line),
    });
    expect(await failure(sidecar.estimate(image))).toMatchObject({ code: 'WORKER_DIED' });
    const pid = Number(lines.join().match(/grandchild (\d+)/)?.[1]);
    expect(pid).toBeGreaterThan(0);
    await expect.poll(() => isAlive(pid)).toBe(false);
    await sidecar.close();
  });

  test('bye without having been asked is an end', async () => {
    const error = await requestFailure(fakeDaemon('bye-unasked'));
    expect(error.message).toContain('it said bye (fatal)');
  });
});

test('an error answer belongs to its request, and the daemon lives on', async () => {
  const sidecar = await Sidecar.start(fakeDaemon('fail-requests', { x: 'DECODE_FAILED' }));
  const [first, second] = await Promise.all([1, 2].map(() => failure(sidecar.estimate(image))));
  expect(first).toMatchObject({ name: 'RequestError', code: 'DECODE_FAILED', retryable: false });
  expect(first?.message).toBe('DECODE_FAILED: the fake was told to fail\nNext step: Tell it otherwise.');
  expect(second?.code).toBe('DECODE_FAILED');
  expect(sidecar.status()).toMatchObject({ state: 'ready', failed: 2 });
  await sidecar.close();
});

test('a code of a newer daemon passes through', async () => {
  const error = await requestFailure(fakeDaemon('fail-requests', { x: 'BRAND_NEW' }));
  expect(error).toMatchObject({ code: 'BRAND_NEW', retryable: false });
});

describe('the caller gives up', () => {
  test('row 58: a signal that has fired sends nothing', async () => {
    const sidecar = await Sidecar.start(fakeDaemon());
    const error = await failure(sidecar.estimate(image, { signal: AbortSignal.abort(new Error('why')) }));
    expect(error).toMatchObject({ code: 'ABORTED', name: 'AbortError', cause: new Error('why') });
    expect(sidecar.status()).toMatchObject({ answered: 0, inFlight: 0 });
    await sidecar.close();
  });

  test('row 57: while it runs: rejected at once, told to the daemon, the slot free after its answer', async () => {
    const sidecar = await Sidecar.start(fakeDaemon('slow', { x: 60_000 }));
    const controller = new AbortController();
    const call = failure(sidecar.estimate(image, { signal: controller.signal }));
    controller.abort();
    expect(await call).toMatchObject({ code: 'ABORTED' });
    expect(sidecar.status().inFlight).toBe(1);
    await expect.poll(() => sidecar.status().inFlight).toBe(0);
    await sidecar.close();
  });

  test('row 57: a late answer to a cancelled call reaches nobody', async () => {
    const sidecar = await Sidecar.start(fakeDaemon('deaf-to-cancel', { x: 50 }));
    const controller = new AbortController();
    const call = failure(sidecar.estimate(image, { signal: controller.signal }));
    controller.abort();
    expect(await call).toMatchObject({ code: 'ABORTED' });
    await expect(sidecar.estimate(image)).resolves.toBeDefined();
    expect(sidecar.status()).toMatchObject({ answered: 1, failed: 1 });
    await sidecar.close();
  });

  test('the deadline says where the time went', async () => {
    const sidecar = await Sidecar.start({ ...fakeDaemon('never-answer'), drainMs: 0 });
    const calls = [1, 2, 3].map(() => failure(sidecar.estimate(image, { deadlineMs: 100 })));
    const [first, , third] = await Promise.all(calls);
    expect(first).toMatchObject({ code: 'DEADLINE_EXCEEDED', retryable: true });
    expect(first?.message).toMatch(/no answer within 100 ms, \d+ of it in the queue/);
    expect(third?.message).toContain('all of it in the queue');
    await sidecar.close();
  });

  test('row 58: ten thousand calls with one signal leave no listener', async () => {
    const sidecar = await Sidecar.start({ ...fakeDaemon(), maxQueue: 10_000 });
    const { signal } = new AbortController();
    await Promise.all(Array.from({ length: 10_000 }, () => sidecar.estimate(image, { signal })));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(sidecar.status()).toMatchObject({ answered: 10_000, failed: 0 });
    await sidecar.close();
  });
});
