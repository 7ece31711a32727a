/** All places together: what one daemon's fault means for the others and for the calls. */
import { describe, expect, test } from 'vitest';
import type { PoolEvents } from '../../src/pool/events.ts';
import { Rig, startFailure } from './rig/rig.ts';

function listen<Name extends keyof PoolEvents>(rig: Rig, name: Name): unknown[] {
  const heard: unknown[] = [];
  rig.events.on(name as 'ready', (...told: unknown[]) => heard.push(told[0]));
  return heard;
}

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
    const changes = listen(rig, 'concurrency');
    rig.supervisor.start();
    await rig.settle();
    available = 50e6;
    await rig.clock.pass(10_000);
    expect(rig.supervisor.workers.size).toBe(1);
    expect(changes).toEqual([
      { from: 2, to: 1, cause: expect.stringMatching(/50 MB are left.*held 100 MB/) },
    ]);
    available = 1e12;
    await rig.clock.pass(1_000);
    expect(rig.supervisor.workers.size).toBe(2);
    expect(changes.at(-1)).toMatchObject({ from: 1, to: 2 });
  });

  test('the first READY starts the pool; the event comes once, and again after an outage', async () => {
    const rig = new Rig({ size: 2 });
    const readies = listen(rig, 'ready');
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

describe('closed -> open -> half-open -> closed', () => {
  /** Daemons that die after READY, one after the other, until the breaker opens. */
  async function breakIt(rig: Rig): Promise<void> {
    rig.supervisor.start();
    for (let turn = 0; turn < 100 && rig.supervisor.breaker.state !== 'open'; turn += 1) {
      await rig.clock.pass(100);
      for (const daemon of rig.daemons) if (daemon.isAlive) daemon.crash({ exitCode: 0 });
      await rig.settle();
    }
  }

  test('row 54: a crash loop ends after five deaths; queued calls are rejected at once with the cause', async () => {
    const rig = new Rig({ size: 1, random: () => 1 });
    for (let call = 0; call < 20; call += 1) rig.call();
    await breakIt(rig);
    expect(rig.supervisor.deaths).toBe(5);
    expect(rig.states).toEqual(['broken']);
    const opened = rig.log.findLast(({ event }) => event === 'breaker');
    expect(opened).toMatchObject({ to: 'open', level: 'warn' });
    await rig.settle();
    for (const { outcome } of rig.calls) {
      const error = outcome !== null && 'error' in outcome ? outcome.error : null;
      expect(['POOL_UNAVAILABLE', 'POISON_INPUT']).toContain(error?.code);
      expect(error?.message).toContain('exited with code 0');
    }
    const late = rig.call();
    await rig.settle();
    expect(late.outcome).toMatchObject({
      error: { code: 'POOL_UNAVAILABLE', cause: { code: 'WORKER_DIED' } },
    });
  });

  test('row 54: one place may probe; its READY brings the others back', async () => {
    const rig = new Rig({ size: 3, random: () => 0 });
    await breakIt(rig);
    const before = rig.starts.length;
    rig.auto = false;
    await rig.clock.pass(30_000);
    expect(rig.starts).toHaveLength(before + 1);
    rig.start.succeed();
    rig.auto = true;
    await rig.clock.pass(1_000);
    expect(rig.supervisor.breaker.state).toBe('closed');
    expect(rig.supervisor.workers.size).toBe(3);
    rig.call();
    await rig.settle();
    for (const daemon of rig.daemons) daemon.answer();
    await rig.settle();
    expect(rig.outcomes.at(-1)).toBe(rig.calls.length - 1);
  });

  test('row 54: a probe that fails keeps the calls refused, for twice as long', async () => {
    const rig = new Rig({ size: 2, random: () => 0 });
    await breakIt(rig);
    rig.auto = false;
    await rig.clock.pass(30_000);
    rig.start.fail(startFailure('START_TIMEOUT'));
    await rig.settle();
    expect(rig.supervisor.breaker.state).toBe('open');
    expect(rig.states).toEqual(['broken', 'broken']);
    rig.call();
    await rig.settle();
    expect(rig.outcomes.at(-1)).toBe('POOL_UNAVAILABLE');
    const before = rig.starts.length;
    await rig.clock.pass(59_999);
    expect(rig.starts).toHaveLength(before);
    await rig.clock.pass(1);
    expect(rig.starts).toHaveLength(before + 1);
  });

  test('reset() from open starts all places at once, and takes calls again', async () => {
    const rig = new Rig({ size: 2, random: () => 0 });
    await breakIt(rig);
    rig.supervisor.reset();
    expect(rig.supervisor.breaker.state).toBe('closed');
    const call = rig.call();
    await rig.clock.pass(100);
    expect(rig.supervisor.workers.size).toBe(2);
    for (const daemon of rig.daemons) daemon.answer();
    await rig.settle();
    expect(call.outcome).toEqual({ value: call.index });
  });

  test('reset() forgets which inputs are poison', async () => {
    const rig = await Rig.ready({ size: 1, random: () => 0, retry: { maxAttempts: 1, quarantineAfter: 1 } });
    rig.call();
    rig.at(0).crash();
    await rig.clock.pass(100);
    expect(rig.outcomes).toEqual(['POISON_INPUT']);
    expect(rig.dispatcher.quarantined).toBe(1);
    rig.supervisor.reset();
    expect(rig.dispatcher.quarantined).toBe(0);
  });

  test('deaths of daemons that had answered open nothing', async () => {
    const rig = new Rig({ size: 1, random: () => 0 });
    rig.supervisor.start();
    for (let death = 0; death < 20; death += 1) {
      await rig.clock.pass(100);
      rig.call();
      rig.at(0).answer();
      rig.at(0).crash();
    }
    expect(rig.supervisor.breaker.state).toBe('closed');
  });

  test('close while it is open is done, and leaves no timer', async () => {
    const rig = new Rig({ size: 2, random: () => 0 });
    await breakIt(rig);
    await rig.close();
    await rig.clock.pass(600_000);
    expect(rig.clock.pending).toBe(0);
    expect(rig.daemons.every(({ isAlive }) => !isAlive)).toBe(true);
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

describe('memory runs out', () => {
  test('row 40: NO_RESOURCES goes to another daemon; its own stands aside, and that is said', async () => {
    const rig = await Rig.ready({ size: 2 });
    const changes = listen(rig, 'concurrency');
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
