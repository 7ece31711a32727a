/** All places together: what one daemon's fault means for the others and for the calls. */
import { describe, expect, test } from 'vitest';
import { Rig, startFailure } from './rig/rig.ts';

describe('start', () => {
  test('row 22 (time faked): spawns are 50 ms apart, successors and restarts too', async () => {
    const rig = new Rig({ size: 4, random: () => 0 });
    rig.supervisor.start();
    await rig.clock.pass(1_000);
    expect(rig.starts.map(({ atMs }) => atMs)).toEqual([0, 50, 100, 150]);
    for (const slot of [0, 1, 2, 3]) rig.at(slot).crash();
    await rig.clock.pass(1_000);
    expect(rig.starts.slice(4).map(({ atMs }) => atMs)).toEqual([1_000, 1_050, 1_100, 1_150]);
  });

  test('row 22 (memory faked): a daemon waits while there is no memory for it, and it is said', async () => {
    let available = 1e12;
    const rig = new Rig({ size: 2, availableMemory: () => available });
    const changes = rig.listen('concurrency');
    rig.supervisor.start();
    await rig.settle();
    available = 50e6;
    await rig.clock.pass(10_000);
    expect(rig.supervisor.workers.size).toBe(1);
    expect(changes).toEqual([
      { from: 2, to: 1, cause: expect.stringMatching(/50 MB of memory are left.*held 100 MB/) },
    ]);
    available = 1e12;
    await rig.clock.pass(1_000);
    expect(rig.supervisor.workers.size).toBe(2);
    expect(changes.at(-1)).toMatchObject({ from: 1, to: 2 });
  });

  test('the first READY starts the pool; the event comes once, and again after an outage', async () => {
    const rig = new Rig({ size: 2 });
    const readies = rig.listen('ready');
    rig.supervisor.start();
    await rig.supervisor.firstReady;
    await rig.clock.pass(1_000);
    expect(readies).toHaveLength(1);
    for (const slot of [0, 1]) rig.at(slot).crash();
    await rig.clock.pass(10_000);
    expect(readies).toHaveLength(2);
  });

  test('it fails when every place has failed once, with the first cause', async () => {
    const rig = new Rig({ size: 2, auto: false });
    rig.supervisor.start();
    await rig.clock.pass(50);
    const [first, second] = rig.starts;
    second?.fail(startFailure('START_TIMEOUT'));
    first?.fail(startFailure('OOM_SUSPECTED'));
    await expect(rig.supervisor.firstReady).rejects.toMatchObject({ code: 'START_TIMEOUT' });
  });

  test('row 54: one that stands in line when the breaker opens is not started', async () => {
    const rig = new Rig({ size: 3, auto: false });
    rig.supervisor.start();
    rig.start.fail(startFailure('IMPORT_FAILED'));
    await rig.clock.pass(1_000);
    expect(rig.starts).toHaveLength(1);
    expect(rig.states).toEqual(['broken', 'broken', 'broken']);
    await expect(rig.supervisor.firstReady).rejects.toMatchObject({ code: 'IMPORT_FAILED' });
    await rig.clock.pass(29_000);
    expect(rig.starts).toHaveLength(2);
  });
});

describe('which daemon gets a call', () => {
  test('row 44: a slow one gets what it can do, and the others do the rest', async () => {
    const rig = await Rig.ready({ size: 2 });
    for (let call = 0; call < 40; call += 1) rig.call();
    for (let turn = 0; rig.dispatcher.queued > 0; turn += 1) {
      rig.at(1).answer();
      if (turn % 10 === 9) rig.at(0).answer();
      await rig.clock.pass(10);
    }
    const [slow, fast] = rig.daemons.map(({ heard }) => heard.length) as [number, number];
    expect(slow + fast).toBe(40);
    expect(fast).toBeGreaterThan(4 * slow);
  });

  test('row 44: work that is too slow ends at its deadline, and the daemon is told what was left', async () => {
    const rig = await Rig.ready({ size: 1 });
    rig.call({ deadlineMs: 1_000 });
    await rig.clock.pass(400);
    rig.call({ deadlineMs: 1_000 });
    rig.call({ deadlineMs: 1_000 });
    await rig.clock.pass(300);
    rig.at(0).answer();
    expect(rig.at(0).heard.map(({ deadlineMs }) => deadlineMs)).toEqual([1_000, 1_000, 700]);
    await rig.clock.pass(700);
    expect(rig.outcomes).toEqual([0, 'DEADLINE_EXCEEDED', 'DEADLINE_EXCEEDED']);
  });

  test('work that expired in the queue never starts', async () => {
    const rig = await Rig.ready({ size: 1 });
    for (let call = 0; call < 3; call += 1) rig.call({ deadlineMs: call === 2 ? 100 : 30_000 });
    await rig.clock.pass(100);
    rig.at(0).answer();
    rig.at(0).answer();
    await rig.settle();
    expect(rig.outcomes).toEqual([0, 1, 'DEADLINE_EXCEEDED']);
    expect(rig.at(0).heard.map(({ call }) => call)).toEqual([0, 1]);
  });
});

describe('a daemon that is sick', () => {
  test('row 45: it fails where the other one succeeds: it gets nothing more and is replaced', async () => {
    const rig = await Rig.ready({ size: 2 });
    const [sick] = rig.daemons;
    for (let call = 0; call < 20; call += 1) rig.call();
    for (let turn = 0; turn < 10; turn += 1) {
      sick?.fail('INTERNAL');
      rig.at(1).answer();
      await rig.clock.pass(10);
    }
    expect(rig.at(0)).not.toBe(sick);
    expect(sick?.isAlive).toBe(false);
    expect(rig.outcomes.filter((outcome) => outcome === 'INTERNAL').length).toBeLessThanOrEqual(6);
    expect(rig.transitions).toContainEqual(
      expect.objectContaining({ to: 'spawning', cause: expect.stringContaining('another daemon answered') }),
    );
  });

  test('row 45: bad inputs make nobody sick', async () => {
    const rig = await Rig.ready({ size: 2 });
    for (let call = 0; call < 60; call += 1) rig.call();
    for (let turn = 0; turn < 40; turn += 1) {
      rig.at(0).fail('DECODE_FAILED');
      if (turn % 5 === 0) rig.at(1).answer();
      await rig.clock.pass(10);
    }
    expect(rig.starts).toHaveLength(2);
  });
});

describe('our own standstill', () => {
  test.for([10_000, 3_600_000])('rows 43 and 64: %i ms without us, and nobody is killed', async (ms) => {
    const rig = await Rig.ready({ size: 4 });
    for (let call = 0; call < 8; call += 1) rig.call({ deadlineMs: 10_000_000 });
    await rig.clock.pass(5_000);
    rig.clock.stall(ms);
    for (const daemon of rig.daemons) daemon.pong();
    await rig.clock.pass(20_000);
    expect(rig.daemons.map(({ isAlive }) => isAlive)).toEqual([true, true, true, true]);
    expect(rig.transitions.filter(({ to }) => to === 'unresponsive')).toEqual([]);
    expect(rig.supervisor.workers.size).toBe(4);
  });

  test('row 43: all daemons stopped and continued with us are kept; one that stays stopped is not', async () => {
    const rig = await Rig.ready({ size: 3 });
    const [stopped] = rig.daemons;
    if (stopped) stopped.answersPings = false;
    rig.clock.stall(60_000);
    await rig.clock.pass(8_000);
    expect(rig.daemons.slice(0, 3).map(({ isAlive }) => isAlive)).toEqual([false, true, true]);
  });
});

describe('close', () => {
  test.for<[string, (rig: Rig) => void | Promise<void>]>([
    ['before anything started', () => {}],
    ['while all start', (rig) => rig.supervisor.start()],
    [
      'in a backoff',
      async (rig) => {
        rig.supervisor.start();
        await rig.settle();
        rig.start.fail(startFailure('START_TIMEOUT'));
        await rig.settle();
      },
    ],
    [
      'with a hung daemon',
      async (rig) => {
        rig.supervisor.start();
        const daemon = rig.start.succeed();
        daemon.obeysDrain = false;
        daemon.process.obeysEndOfInput = false;
        await rig.settle();
        rig.call({ deadlineMs: 1e6 });
      },
    ],
  ])('row 67: %s, twice, in bounded time', async ([, prepare]) => {
    const rig = new Rig({ size: 2, auto: false, drainMs: 1_000 });
    await prepare(rig);
    let closed = 0;
    const close = () =>
      rig.close().then(() => {
        closed += 1;
      });
    void close();
    void close();
    await rig.clock.pass(1_000 + 3 * 2_000);
    expect(closed).toBe(2);
    await rig.clock.pass(1e6);
    expect(rig.clock.pending).toBe(0);
    expect(rig.daemons.every(({ isAlive }) => !isAlive)).toBe(true);
    expect(rig.starts.every(({ isOpen }) => !isOpen)).toBe(true);
  });

  test('row 67: a daemon that dies while it drains is no crash, and starts nothing', async () => {
    const rig = await Rig.ready({ size: 1 });
    rig.call();
    const closing = rig.close();
    await rig.settle();
    rig.at(0).crash();
    await closing;
    await rig.clock.pass(1e6);
    expect(rig.outcomes).toEqual(['POOL_CLOSED']);
    expect(rig.supervisor.deaths).toBe(0);
    expect(rig.starts).toHaveLength(1);
  });
});
