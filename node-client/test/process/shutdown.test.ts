import { beforeEach, describe, expect, test } from 'vitest';
import { Sidecar } from '../../src/index.ts';
import { type BehaviourName, fakeDaemon } from '../../src/testing/index.ts';
import { failure } from '../failures.ts';
import { checkLeaks, checkLeaksOfGroup, isAlive } from '../leaks.ts';

const image = Buffer.from('image');

describe.concurrent('close leaves no process', () => {
  checkLeaksOfGroup();

  test.for<BehaviourName>(['healthy', 'ignore-drain', 'ignore-end-of-input', 'unstoppable', 'stop-reading'])(
    'rows 51 and 67: with %s',
    async (behaviour) => {
      const sidecar = await Sidecar.start({ ...fakeDaemon(behaviour), drainMs: 100 });
      const { pid } = sidecar.status();
      await sidecar.close();
      expect(isAlive(pid)).toBe(false);
      expect(sidecar.status().state).toBe('exited');
    },
  );

  test('with `await using`', async () => {
    let pid = 0;
    {
      await using sidecar = await Sidecar.start(fakeDaemon());
      pid = sidecar.status().pid;
    }
    expect(isAlive(pid)).toBe(false);
  });

  test('row 67: twice at once and once more', async () => {
    const sidecar = await Sidecar.start(fakeDaemon());
    await Promise.all([sidecar.close(), sidecar.close()]);
    await sidecar.close();
  });

  test('row 53: after the daemon has died by itself', async () => {
    const sidecar = await Sidecar.start(fakeDaemon('die-on-request', { x: 1 }));
    await failure(sidecar.estimate(image));
    await sidecar.close();
  });
});

describe('calls around close', () => {
  beforeEach(checkLeaks);

  test('running work finishes, waiting work is rejected', async () => {
    const sidecar = await Sidecar.start(
      fakeDaemon('slow', { x: 100, ready: { credits: { requests: 1, bytes: 1e6 } } }),
    );
    const running = sidecar.estimate(image);
    const waiting = failure(sidecar.estimate(image));
    await sidecar.close();
    expect(await waiting).toMatchObject({ code: 'POOL_CLOSED' });
    await expect(running).resolves.toMatchObject({ width: 640 });
  });

  test('after it they are rejected', async () => {
    const sidecar = await Sidecar.start(fakeDaemon());
    await sidecar.close();
    expect(await failure(sidecar.estimate(image))).toMatchObject({ code: 'POOL_CLOSED', retryable: false });
  });

  test('work that never ends is rejected when the daemon is gone', async () => {
    const sidecar = await Sidecar.start({ ...fakeDaemon('never-answer'), drainMs: 50 });
    const stuck = failure(sidecar.estimate(image));
    await sidecar.close();
    expect(await stuck).toMatchObject({ code: 'POOL_CLOSED' });
  });
});
