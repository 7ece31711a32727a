/** One place in the pool: a daemon that works is replaced, its successor first. */
import { describe, expect, test } from 'vitest';
import type { RecycleLimits } from '../../src/pool/recycling.ts';
import { NO_RECYCLING, Rig, startFailure } from './rig/rig.ts';

describe('ready -> (successor) -> draining -> exited', () => {
  test.for<[string, Partial<RecycleLimits>, (rig: Rig) => Promise<void>]>([
    [
      'requests',
      { afterRequests: 2 },
      async (rig) => {
        for (let call = 0; call < 2; call += 1) {
          rig.call();
          rig.daemons[0]?.answer();
        }
      },
    ],
    ['age', { afterMs: 100_000 }, (rig) => rig.clock.pass(90_000)],
    [
      'memory',
      { maxRssBytes: 1e9 },
      async (rig) => {
        rig.at(0).rssBytes = 1.1e9;
        await rig.clock.pass(2_000);
      },
    ],
  ])('row 47: the replacement first: for %s', async ([, limits, wear]) => {
    const rig = await Rig.ready({ size: 1, worker: { recycle: { ...NO_RECYCLING, ...limits } } });
    rig.auto = false;
    await wear(rig);
    await rig.clock.pass(50);
    expect(rig.starts).toHaveLength(2);
    expect(rig.at(0)).toBe(rig.daemons[0]);
    const successor = rig.start.succeed();
    await rig.settle();
    expect(rig.at(0)).toBe(successor);
    await rig.settle();
    expect(rig.daemons[0]?.isAlive).toBe(false);
    expect(rig.supervisor.deaths).toBe(0);
    expect(rig.supervisor.slots[0]?.restarts).toBe(1);
  });

  test('row 47: what it still runs is finished, however long that takes', async () => {
    const rig = await Rig.ready({
      size: 1,
      drainMs: 1_000,
      worker: { recycle: { ...NO_RECYCLING, afterRequests: 1 } },
    });
    rig.call({ deadlineMs: 60_000 });
    await rig.clock.pass(30_000);
    expect(rig.starts).toHaveLength(2);
    expect(rig.daemons[0]?.isAlive).toBe(true);
    rig.daemons[0]?.answer();
    await rig.clock.pass(0);
    expect(rig.outcomes).toEqual([0]);
    expect(rig.daemons[0]?.isAlive).toBe(false);
    expect(rig.retried).toEqual([]);
  });

  test('row 47: close does not wait for one that is being replaced', async () => {
    const rig = await Rig.ready({
      size: 1,
      drainMs: 1_000,
      worker: { recycle: { ...NO_RECYCLING, afterRequests: 1 } },
    });
    rig.call({ deadlineMs: 60_000 });
    await rig.clock.pass(2_000);
    let closed = false;
    void rig.close().then(() => {
      closed = true;
    });
    await rig.clock.pass(1_000 + 3 * 2_000);
    expect(closed).toBe(true);
    expect(rig.outcomes).toEqual(['POOL_CLOSED']);
    expect(rig.daemons.every(({ isAlive }) => !isAlive)).toBe(true);
  });

  test('afterRequests 1: a process for every request', async () => {
    const rig = await Rig.ready({ size: 1, worker: { recycle: { ...NO_RECYCLING, afterRequests: 1 } } });
    const calls = [0, 1, 2, 3, 4].map(() => rig.call());
    for (const _ of calls) {
      await rig.clock.pass(50);
      for (const daemon of rig.daemons) daemon.answer();
    }
    await rig.clock.pass(1_000);
    expect(rig.outcomes).toEqual([0, 1, 2, 3, 4]);
    expect(rig.daemons.map(({ heard }) => heard.length)).toEqual([1, 1, 1, 1, 1, 0]);
    expect(rig.daemons.filter(({ isAlive }) => isAlive)).toHaveLength(1);
  });

  test('a successor that does not start is tried again, and the old one serves meanwhile', async () => {
    const rig = await Rig.ready({
      size: 1,
      random: () => 1,
      worker: { recycle: { ...NO_RECYCLING, maxRssBytes: 1 } },
    });
    rig.auto = false;
    await rig.clock.pass(2_000);
    rig.start.fail(startFailure('START_TIMEOUT'));
    await rig.settle();
    rig.call();
    rig.at(0).answer();
    await rig.settle();
    expect(rig.outcomes).toEqual([0]);
    await rig.clock.pass(250);
    expect(rig.starts).toHaveLength(3);
    rig.start.succeed();
    await rig.settle();
    expect(rig.at(0)).toBe(rig.daemons[1]);
  });

  test('the worker dies while its successor starts: the successor takes over, nothing else is spawned', async () => {
    const rig = await Rig.ready({ size: 1, worker: { recycle: { ...NO_RECYCLING, maxRssBytes: 1 } } });
    rig.auto = false;
    await rig.clock.pass(2_000);
    rig.at(0).crash();
    await rig.clock.pass(60_000);
    expect(rig.starts).toHaveLength(2);
    rig.start.succeed();
    await rig.settle();
    expect(rig.states).toEqual(['ready']);
  });

  test('… and the successor does not start: the slot goes on by itself', async () => {
    const rig = await Rig.ready({ size: 1, worker: { recycle: { ...NO_RECYCLING, maxRssBytes: 1 } } });
    rig.auto = false;
    await rig.clock.pass(2_000);
    rig.at(0).crash();
    await rig.settle();
    rig.start.fail(startFailure('START_TIMEOUT'));
    await rig.clock.pass(1_000);
    expect(rig.starts).toHaveLength(3);
    rig.start.succeed();
    await rig.settle();
    expect(rig.states).toEqual(['ready']);
  });

  test('close while a successor starts ends both', async () => {
    const rig = await Rig.ready({ size: 1, worker: { recycle: { ...NO_RECYCLING, maxRssBytes: 1 } } });
    rig.auto = false;
    await rig.clock.pass(2_000);
    await rig.close();
    expect(rig.start.signal.aborted).toBe(true);
    expect(rig.daemons[0]?.isAlive).toBe(false);
    expect(rig.clock.pending).toBe(0);
  });
});
