import { beforeEach, describe, expect, test } from 'vitest';
import { Sidecar, type WorkerDiedError } from '../../src/index.ts';
import { type BehaviourName, fakeDaemon } from '../../src/testing/index.ts';
import { failure, requestFailure } from '../failures.ts';
import { checkLeaks } from '../leaks.ts';

beforeEach(checkLeaks);

const image = Buffer.from('image');

describe('the answer arrives', () => {
  test.for<BehaviourName>([
    'split-bytes',
    'unknown-id',
    'answer-twice',
    'optional-unknown-type',
    'part-after-answer',
    'unaligned-arrays',
  ])('rows 23, 28 and 29: with %s', async (behaviour) => {
    const sidecar = await Sidecar.start(fakeDaemon(behaviour));
    for (let round = 0; round < 2; round += 1) {
      const { persons } = await sidecar.estimate(image);
      expect([...(persons[0]?.keypoints ?? [])]).toEqual([0, 1, 2, 3, 10, 11, 12, 13]);
      expect([...(persons[0]?.keypointsWorld ?? [])]).toEqual([0, 1, 2, 10, 11, 12]);
    }
    await sidecar.close();
  });

  test('row 31: after 192 MiB of output that nobody wants, and no more memory is held', async () => {
    const sidecar = await Sidecar.start(fakeDaemon('flood-output', { x: 192 }));
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }, 5);
    await expect(sidecar.estimate(image)).resolves.toMatchObject({ width: 640 });
    clearInterval(watch);
    expect(most).toBeLessThan(128 * 1024 * 1024);
    await sidecar.close();
  });

  test('row 32: after 100 MiB on standard error', async () => {
    const lines: number[] = [];
    const sidecar = await Sidecar.start({
      ...fakeDaemon('flood-stderr', { x: 100 }),
      logger: (line) => lines.push(line.length),
    });
    await expect(sidecar.estimate(image)).resolves.toMatchObject({ width: 640 });
    await sidecar.close();
    expect(lines.reduce((sum, length) => sum + length, 0)).toBe(100 * 1024 * 1024);
  });
});

describe('the stream is lost, and the daemon with it', () => {
  test.for<[BehaviourName, code: string, words: string]>([
    ['truncated-frame', 'PROTOCOL_ERROR', 'the stream ended after 5 of'],
    ['oversized-frame', 'FRAME_TOO_LARGE', 'body of 4294967295 bytes'],
    ['print-mid-stream', 'PROTOCOL_ERROR', 'loading weights: 100%'],
    ['broken-meta', 'PROTOCOL_ERROR', 'type byte 0xc1'],
    ['nan-score', 'PROTOCOL_ERROR', 'NaN'],
    ['deep-meta', 'PROTOCOL_ERROR', 'deep'],
    ['broken-text', 'PROTOCOL_ERROR', 'UTF-8'],
    ['hello-for-answer', 'PROTOCOL_ERROR', 'hello came after ready'],
    ['misfit-arrays', 'PROTOCOL_ERROR', 'keypoints ends at byte 32 of a body of 8'],
    ['critical-unknown-type', 'PROTOCOL_ERROR', 'frame type 126 is not known'],
  ])('rows 24 to 29: %s', async ([behaviour, code, words]) => {
    const error = await requestFailure<WorkerDiedError>(fakeDaemon(behaviour));
    expect(error).toMatchObject({ name: 'WorkerDiedError', code, retryable: true });
    expect(error.message).toContain(words);
    expect(error.message).not.toMatch(/EPIPE|write EOF|ECONNRESET/);
  });

  test('row 34: its input is closed but it goes on running', async () => {
    const sidecar = await Sidecar.start(fakeDaemon('close-input'));
    const megabytes = Buffer.alloc(8 * 1024 * 1024);
    const errors = await Promise.all([1, 2].map(() => failure(sidecar.estimate(megabytes))));
    for (const error of errors) {
      expect(error).toMatchObject({ code: 'WORKER_DIED' });
      expect(error.message).toContain('closed its standard input and went on running');
    }
    await sidecar.close();
  });

  test('row 34: its output is closed but it goes on running', async () => {
    const error = await requestFailure(fakeDaemon('close-output'));
    expect(error).toMatchObject({ code: 'WORKER_DIED' });
    expect(error.message).toContain('closed its standard output and went on running');
  });
});

describe('the peer stands still', () => {
  test('row 30: one that does not read holds up no deadline', async () => {
    const sidecar = await Sidecar.start({ ...fakeDaemon('stop-reading'), drainMs: 0 });
    const megabytes = Buffer.alloc(8 * 1024 * 1024);
    const calls = [1, 2, 3].map(() => failure(sidecar.estimate(megabytes, { deadlineMs: 200 })));
    for (const error of await Promise.all(calls)) expect(error).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await sidecar.close();
  });

  test.for<BehaviourName>(['stalled-frame', 'half-header'])(
    'row 35: %s holds up no deadline',
    async (behaviour) => {
      const sidecar = await Sidecar.start({ ...fakeDaemon(behaviour), drainMs: 50 });
      const error = await failure(sidecar.estimate(image, { deadlineMs: 200 }));
      expect(error).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
      await sidecar.close();
    },
  );
});

test('a body over the daemon’s limit is refused here, and the daemon is unharmed', async () => {
  const sidecar = await Sidecar.start(fakeDaemon());
  const error = await failure(sidecar.estimate(Buffer.alloc(33 * 1024 * 1024)));
  expect(error).toMatchObject({ code: 'FRAME_TOO_LARGE', retryable: false });
  expect(error.message).toContain(`${33 * 1024 * 1024} bytes is over the limit of ${32 * 1024 * 1024}`);
  await expect(sidecar.estimate(image)).resolves.toBeDefined();
  await sidecar.close();
});
