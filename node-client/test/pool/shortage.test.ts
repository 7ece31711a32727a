/** Memory runs out: fewer daemons for a while, and no call is lost. */
import { describe, expect, test } from 'vitest';
import { PoseError } from '../../src/errors.ts';
import { Rig, startFailure } from './rig/rig.ts';

describe('memory runs out', () => {
  test('row 40: NO_RESOURCES goes to another daemon; its own stands aside, and that is said', async () => {
    const rig = await Rig.ready({ size: 2 });
    const changes = rig.listen('concurrency');
    rig.call();
    const [poor] = rig.daemons;
    poor?.fail('NO_RESOURCES');
    rig.at(1).answer();
    await rig.settle();
    expect(rig.outcomes).toEqual([0]);
    expect(changes).toEqual([{ from: 2, to: 1, cause: 'memory ran out; one daemon less for 60 s' }]);
    expect(poor?.isAlive).toBe(false);
    expect(rig.states[0]).toBe('backoff');
    await rig.clock.pass(59_000);
    expect(rig.supervisor.workers.size).toBe(1);
    await rig.clock.pass(1_000);
    expect(rig.supervisor.workers.size).toBe(2);
    expect(changes.at(-1)).toEqual({ from: 1, to: 2, cause: 'memory allows another daemon again' });
  });

  test('row 40: the only daemon is replaced and never missing', async () => {
    const rig = await Rig.ready({ size: 1 });
    rig.call();
    const [poor] = rig.daemons;
    poor?.fail('NO_RESOURCES');
    expect(rig.supervisor.workers.size).toBe(1);
    await rig.clock.pass(50);
    expect(rig.supervisor.workers.size).toBe(1);
    expect(rig.at(0)).not.toBe(poor);
    for (const daemon of rig.daemons) daemon.answer();
    await rig.settle();
    expect(rig.outcomes).toEqual([0]);
  });

  test('row 40: the last of many says NO_RESOURCES twice: the caller is told', async () => {
    const rig = await Rig.ready({ size: 2 });
    rig.call();
    rig.at(0).fail('NO_RESOURCES');
    rig.at(1).fail('NO_RESOURCES');
    await rig.settle();
    expect(rig.outcomes).toEqual(['NO_RESOURCES']);
  });

  test('row 40: one that is being replaced runs out of memory: its successor takes over, and no other', async () => {
    const recycle = { afterRequests: 1, afterMs: 1e9, maxRssBytes: 1e12 };
    const rig = await Rig.ready({ size: 2, worker: { recycle } });
    rig.auto = false;
    rig.call();
    rig.at(0).fail('NO_RESOURCES');
    await rig.clock.pass(1_000);
    for (const start of rig.starts) if (start.isOpen) start.succeed();
    await rig.clock.pass(600_000);
    expect(rig.starts.filter(({ isOpen }) => isOpen)).toEqual([]);
    expect(rig.starts).toHaveLength(4);
    expect(rig.supervisor.workers.size).toBe(2);
  });

  test('row 40: again and again: down to one that stays, then up again, each time more slowly', async () => {
    const rig = await Rig.ready({ size: 3 });
    const changes = rig.listen('concurrency');
    const busy = () => rig.daemons.find(({ isAlive, open }) => isAlive && open.length > 0);
    const runOut = async () => {
      rig.call();
      busy()?.fail('NO_RESOURCES');
      await rig.settle();
      busy()?.answer();
      await rig.settle();
    };
    await runOut();
    await runOut();
    expect(changes).toMatchObject([
      { from: 3, to: 2 },
      { from: 2, to: 1 },
    ]);
    expect(rig.supervisor.workers.size).toBe(1);
    await runOut();
    await rig.clock.pass(1_000);
    expect(changes.slice(2)).toEqual([]);
    expect(rig.supervisor.workers.size).toBe(1);
    await rig.clock.pass(60_000);
    expect(rig.supervisor.workers.size).toBe(2);
    await rig.clock.pass(58_000);
    expect(rig.supervisor.workers.size).toBe(2);
    await rig.clock.pass(2_000);
    expect(rig.supervisor.workers.size).toBe(3);
  });

  test('row 40: a start that does not fit: its slot waits as long, and the others work on', async () => {
    const rig = await Rig.ready({ size: 2 });
    const changes = rig.listen('concurrency');
    rig.auto = false;
    rig.at(1).crash();
    await rig.clock.pass(1_000);
    rig.start.fail(new PoseError('NO_RESOURCES', 'loading failed: OutOfMemoryError: CUDA out of memory'));
    await rig.settle();
    expect(rig.supervisor.breaker.state).toBe('closed');
    expect(changes).toEqual([{ from: 2, to: 1, cause: 'memory ran out; one daemon less for 60 s' }]);
    expect(rig.transitions.at(-1)).toMatchObject({
      to: 'backoff',
      cause: expect.stringMatching(/^60000 ms/),
    });
    rig.call();
    rig.at(0).answer();
    await rig.settle();
    expect(rig.outcomes).toEqual([0]);
    rig.auto = true;
    await rig.clock.pass(60_000);
    expect(rig.supervisor.workers.size).toBe(2);
    expect(changes.at(-1)).toMatchObject({ from: 1, to: 2 });
  });

  test('row 22 (GPU faked): a start waits while the GPU is full, and goes on when it is not', async () => {
    let free: number | null = 1e9;
    const asked: string[] = [];
    const rig = await Rig.ready({
      size: 2,
      ready: { device: 'cuda:1' },
      freeGpuBytes: async (device) => {
        asked.push(device);
        return free;
      },
    });
    const changes = rig.listen('concurrency');
    for (const one of rig.daemons) one.pong({ gpu_bytes: 3e9 });
    expect(asked).toEqual([]);
    rig.at(1).crash();
    await rig.clock.pass(30_000);
    expect(rig.supervisor.workers.size).toBe(1);
    expect(changes).toEqual([
      {
        from: 2,
        to: 1,
        cause: expect.stringContaining('1000 MB of GPU memory are left, and one has held 3000 MB'),
      },
    ]);
    expect(new Set(asked)).toEqual(new Set(['cuda:1']));
    free = 4e9;
    await rig.clock.pass(2_000);
    expect(rig.supervisor.workers.size).toBe(2);
    expect(changes.at(-1)).toMatchObject({ from: 1, to: 2 });
  });

  test('row 22 (GPU faked): a driver that stops answering holds nobody up', async () => {
    let free: number | null = 1e9;
    const rig = await Rig.ready({ size: 2, ready: { device: 'cuda' }, freeGpuBytes: async () => free });
    for (const one of rig.daemons) one.pong({ gpu_bytes: 3e9 });
    rig.at(1).crash();
    await rig.clock.pass(5_000);
    expect(rig.supervisor.workers.size).toBe(1);
    free = null;
    await rig.clock.pass(2_000);
    expect(rig.supervisor.workers.size).toBe(2);
  });

  test('row 39: the kernel kills one: a minute with one less; its request is not lost', async () => {
    const rig = await Rig.ready({ size: 2 });
    rig.call();
    const [killed] = rig.daemons;
    if (killed) killed.process.oomSeen = true;
    killed?.crash({ signal: 'SIGKILL' });
    await rig.settle();
    expect(rig.supervisor.lastFailure?.code).toBe('OOM_SUSPECTED');
    expect(rig.transitions.at(-1)).toMatchObject({
      to: 'backoff',
      cause: expect.stringMatching(/^60000 ms/),
    });
    rig.at(1).answer();
    await rig.settle();
    expect(rig.outcomes).toEqual([0]);
  });

  test('row 16: killed while it loads: backoff, as after any start that failed', async () => {
    const rig = await Rig.ready({ size: 2, random: () => 1 });
    rig.auto = false;
    rig.at(0).crash();
    await rig.clock.pass(300);
    rig.start.fail(startFailure('OOM_SUSPECTED'));
    await rig.settle();
    expect(rig.transitions.at(-1)).toMatchObject({ to: 'backoff', cause: expect.stringMatching(/^500 ms/) });
    expect(rig.supervisor.breaker.state).toBe('closed');
  });

  test('the breaker opens while one stands aside: it is not forgotten afterwards', async () => {
    const rig = await Rig.ready({ size: 2 });
    const [poor] = rig.daemons;
    rig.call();
    rig.call();
    rig.call();
    poor?.fail('NO_RESOURCES');
    rig.auto = false;
    rig.at(1).crash();
    await rig.clock.pass(1_000);
    rig.start.fail(startFailure('IMPORT_FAILED'));
    await rig.settle();
    poor?.answer();
    await rig.clock.pass(1_000);
    expect(rig.states).toEqual(['broken', 'broken']);
    rig.auto = true;
    await rig.clock.pass(40_000);
    expect(rig.supervisor.workers.size).toBe(2);
  });
});
