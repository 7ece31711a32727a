/** One place in the pool, from state to state. */
import { describe, expect, test } from 'vitest';
import type { PoseError } from '../../src/errors.ts';
import { Rig, startFailure } from './rig/rig.ts';

const FOR_EVER = Number.POSITIVE_INFINITY;
const recycle = { afterRequests: FOR_EVER, afterMs: FOR_EVER, maxRssBytes: FOR_EVER };

/** `from -> to` of slot 0, since `skip` steps. */
const steps = (rig: Rig, skip = 0) => rig.transitions.slice(skip).map(({ from, to }) => `${from} -> ${to}`);

describe('spawning -> … -> ready', () => {
  test('every phase the daemon names is a step', async () => {
    const rig = new Rig({ size: 1, auto: false });
    rig.supervisor.start();
    for (const phase of ['hello', 'importing', 'loading', 'warming'] as const) rig.start.enter(phase);
    expect(rig.states).toEqual(['warming']);
    expect(rig.supervisor.slots[0]?.life?.pid).toBe(1_000);
  });

  test('ready <-> busy follow the requests', async () => {
    const rig = await Rig.ready({ size: 1 });
    const before = rig.transitions.length;
    rig.call();
    rig.call();
    rig.at(0).answer();
    rig.at(0).answer();
    expect(steps(rig, before)).toEqual(['ready -> busy', 'busy -> ready']);
  });

  test('row 21: a READY that comes after close is ended, not leaked', async () => {
    const rig = new Rig({ size: 1, auto: false });
    rig.supervisor.start();
    const late = rig.start.succeed();
    await rig.close();
    expect(late.isAlive).toBe(false);
    expect(rig.supervisor.workers.size).toBe(0);
    expect(rig.states).toEqual(['exited']);
    expect(rig.clock.pending).toBe(0);
  });

  test('row 21: a start that close gives up is told so', async () => {
    const rig = new Rig({ size: 2, auto: false });
    rig.supervisor.start();
    await rig.close();
    expect(rig.starts).toHaveLength(1);
    expect(rig.start.signal.aborted).toBe(true);
    expect(rig.supervisor.lastFailure).toBeNull();
  });
});

describe('exited -> backoff -> spawning', () => {
  test('row 54: pauses double with every failure in a row', async () => {
    const rig = new Rig({ size: 1, auto: false, random: () => 1 });
    rig.supervisor.start();
    const pauses: number[] = [];
    for (let failure = 0; failure < 4; failure += 1) {
      rig.start.fail(startFailure('START_TIMEOUT'));
      await rig.settle();
      pauses.push((rig.clock.nextAtMs as number) - rig.clock.nowMs());
      await rig.clock.pass(pauses.at(-1) as number);
    }
    expect(pauses).toEqual([250, 500, 1_000, 2_000]);
    expect(rig.starts).toHaveLength(5);
  });

  test('one success puts the pause back to the first', async () => {
    const rig = new Rig({ size: 1, auto: false, random: () => 1 });
    rig.supervisor.start();
    for (let failure = 0; failure < 3; failure += 1) {
      rig.start.fail(startFailure('START_TIMEOUT'));
      await rig.clock.pass(10_000);
    }
    const daemon = rig.start.succeed();
    rig.call();
    await rig.settle();
    daemon.answer();
    daemon.crash();
    await rig.settle();
    expect(rig.transitions.at(-1)).toMatchObject({ to: 'backoff', cause: expect.stringMatching(/^250 ms/) });
  });

  test('row 5: a system that is short of processes for a moment is asked again', async () => {
    const rig = new Rig({ size: 1, auto: false });
    rig.supervisor.start();
    rig.start.fail(startFailure('START_TIMEOUT'));
    await rig.clock.pass(125);
    rig.start.succeed();
    await rig.settle();
    expect(rig.states).toEqual(['ready']);
  });

  test('row 55: a death, then close before the pause is over: nothing is spawned', async () => {
    const rig = await Rig.ready({ size: 1 });
    rig.at(0).crash();
    await rig.settle();
    expect(rig.states).toEqual(['backoff']);
    await rig.close();
    await rig.clock.pass(60_000);
    expect(rig.starts).toHaveLength(1);
    expect(rig.clock.pending).toBe(0);
  });

  test.for([-1, 0, 1])('row 55: reset() %i ms from the end of the pause spawns once', async (offMs) => {
    const rig = await Rig.ready({ size: 1 });
    rig.at(0).crash();
    await rig.settle();
    const pauseMs = (rig.clock.nextAtMs as number) - rig.clock.nowMs();
    await rig.clock.pass(pauseMs + offMs);
    rig.supervisor.reset();
    await rig.clock.pass(1_000);
    expect(rig.starts).toHaveLength(2);
    expect(rig.supervisor.workers.size).toBe(1);
  });

  test('row 55: the daemon dies in the moment its replacement for age is due', async () => {
    const rig = await Rig.ready({
      size: 1,
      worker: { recycle: { ...recycle, afterMs: 10_000 } },
      auto: true,
    });
    rig.auto = false;
    await rig.clock.pass(9_999);
    rig.at(0).crash();
    await rig.clock.pass(1_000);
    expect(rig.starts.filter(({ isOpen }) => isOpen)).toHaveLength(1);
  });

  test.for([50, 100, 150])(
    'row 55: close %i ms after two deaths, between two staggered spawns',
    async (afterMs) => {
      const rig = await Rig.ready({ size: 3, random: () => 0 });
      rig.auto = false;
      for (const slot of [0, 1, 2]) rig.at(slot).crash();
      await rig.clock.pass(afterMs - 50);
      const closing = rig.close();
      await rig.clock.pass(60_000);
      await closing;
      expect(rig.starts.every(({ isOpen }) => !isOpen)).toBe(true);
      expect(rig.clock.pending).toBe(0);
    },
  );
});

describe('ready -> (successor) -> draining -> exited', () => {
  test.for<[string, Partial<typeof recycle>, (rig: Rig) => Promise<void>]>([
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
    const rig = await Rig.ready({ size: 1, worker: { recycle: { ...recycle, ...limits } } });
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
      worker: { recycle: { ...recycle, afterRequests: 1 } },
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
      worker: { recycle: { ...recycle, afterRequests: 1 } },
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
    const rig = await Rig.ready({ size: 1, worker: { recycle: { ...recycle, afterRequests: 1 } } });
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
      worker: { recycle: { ...recycle, maxRssBytes: 1 } },
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
    const rig = await Rig.ready({ size: 1, worker: { recycle: { ...recycle, maxRssBytes: 1 } } });
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
    const rig = await Rig.ready({ size: 1, worker: { recycle: { ...recycle, maxRssBytes: 1 } } });
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
    const rig = await Rig.ready({ size: 1, worker: { recycle: { ...recycle, maxRssBytes: 1 } } });
    rig.auto = false;
    await rig.clock.pass(2_000);
    await rig.close();
    expect(rig.start.signal.aborted).toBe(true);
    expect(rig.daemons[0]?.isAlive).toBe(false);
    expect(rig.clock.pending).toBe(0);
  });
});

describe('busy -> exited, for a cancelled request', () => {
  test('row 57: the kill is no crash: no backoff, no death, no attempt of the neighbour’s', async () => {
    const rig = await Rig.ready({ size: 1, cancelGraceMs: 2_000 });
    const cancelled = rig.call();
    rig.call();
    cancelled.controller.abort();
    await rig.clock.pass(1_999);
    expect(rig.daemons[0]?.isAlive).toBe(true);
    await rig.clock.pass(1);
    expect(rig.daemons[0]?.process.givenUp).toContain('still running 2000 ms after it was cancelled');
    expect(rig.supervisor.deaths).toBe(0);
    expect(rig.supervisor.breaker.state).toBe('closed');
    expect(rig.transitions.map(({ to }) => to)).not.toContain('backoff');
    await rig.settle();
    expect(rig.at(0).open).toMatchObject([{ call: 1, attempt: 1 }]);
    rig.at(0).answer();
    await rig.settle();
    expect(rig.outcomes).toEqual(['ABORTED', 1]);
  });

  test('row 57: a neighbour that runs first has its time; the grace begins when the cancelled one runs', async () => {
    const rig = await Rig.ready({ size: 1, cancelGraceMs: 2_000 });
    rig.call();
    rig.call().controller.abort();
    await rig.clock.pass(10_000);
    expect(rig.at(0).isAlive).toBe(true);
    rig.at(0).answer();
    await rig.clock.pass(1_999);
    expect(rig.daemons[0]?.isAlive).toBe(true);
    await rig.clock.pass(1);
    expect(rig.daemons[0]?.isAlive).toBe(false);
    expect(rig.outcomes).toEqual([0, 'ABORTED']);
  });

  test('row 64: an answer that came during our own standstill is read before the kill', async () => {
    const rig = await Rig.ready({ size: 1, cancelGraceMs: 2_000 });
    rig.call().controller.abort();
    rig.clock.stall(10_000);
    rig.at(0).fail('CANCELLED');
    await rig.clock.pass(10_000);
    expect(rig.daemons[0]?.isAlive).toBe(true);
  });

  test('while the breaker is open the next one waits for it', async () => {
    const rig = await Rig.ready({ size: 2 });
    rig.auto = false;
    rig.at(1).crash();
    await rig.clock.pass(1_000);
    rig.start.fail(startFailure('IMPORT_FAILED'));
    await rig.settle();
    expect(rig.supervisor.breaker.state).toBe('open');
    rig.call().controller.abort();
    await rig.clock.pass(2_000);
    expect(rig.states).toEqual(['broken', 'broken']);
    expect(rig.starts).toHaveLength(3);
  });
});

describe('ready -> unresponsive -> …', () => {
  test('rows 30 and 41: two missed pings: no new work; three: ended, its work goes on elsewhere', async () => {
    const rig = await Rig.ready({ size: 2 });
    rig.at(0).answersPings = false;
    rig.call();
    rig.call();
    await rig.clock.pass(6_000);
    expect(rig.states).toEqual(['unresponsive', 'busy']);
    rig.call();
    expect(rig.at(0).open).toHaveLength(1);
    rig.at(1).answer();
    rig.at(1).answer();
    const [silent] = rig.daemons;
    await rig.clock.pass(2_000);
    expect(silent?.process.givenUp).toBe('it left 3 pings unanswered, 2000 ms apart');
    rig.at(1).answer();
    await rig.settle();
    expect(rig.outcomes).toEqual([0, 1, 2]);
    expect(rig.retried).toMatchObject([{ code: 'WORKER_UNRESPONSIVE' }]);
  });

  test.for([
    ['busy', 1],
    ['ready', 0],
  ] as const)('an answer makes it %s again, and it takes what waits', async ([state, calls]) => {
    const rig = await Rig.ready({ size: 1, ready: { credits: { requests: 2, bytes: 100 } } });
    rig.at(0).answersPings = false;
    for (let call = 0; call < calls; call += 1) rig.call();
    await rig.clock.pass(6_000);
    expect(rig.states).toEqual(['unresponsive']);
    rig.call();
    expect(rig.dispatcher.queued).toBe(1);
    const before = rig.transitions.length;
    rig.at(0).pong();
    expect(rig.transitions[before]).toMatchObject({ from: 'unresponsive', to: state });
    expect(rig.dispatcher.queued).toBe(0);
  });

  test.for(['close', 'recycling'])('row 67: silence while it drains, by %s, breaks nothing', async (how) => {
    const worker = { recycle: { ...recycle, afterRequests: how === 'recycling' ? 1 : FOR_EVER } };
    const rig = await Rig.ready({ size: 1, drainMs: 60_000, worker });
    rig.call({ deadlineMs: 120_000 });
    const [old] = rig.daemons;
    await rig.settle();
    if (how === 'close') void rig.close();
    if (old) old.answersPings = false;
    await rig.clock.pass(20_000);
    expect(old?.isAlive).toBe(false);
    expect(rig.transitions.filter(({ pid, to }) => pid === 1_000 && to === 'unresponsive')).toEqual([]);
  });
});

describe('a process that does not end', () => {
  test('row 52 (a kill that does nothing, faked): it is left behind, counted, and its work goes on', async () => {
    const rig = await Rig.ready({ size: 2 });
    const [stuck] = rig.daemons;
    if (stuck === undefined) throw new Error('nobody started');
    stuck.answersPings = false;
    stuck.process.isStuck = true;
    rig.call();
    await rig.clock.pass(8_000);
    expect(stuck.process.signals).toEqual(['SIGKILL']);
    expect(rig.outcomes).toEqual([null]);
    stuck.process.abandon();
    await rig.clock.pass(1_000);
    rig.at(1).answer();
    await rig.settle();
    expect(rig.outcomes).toEqual([0]);
    expect(rig.supervisor.leaked).toBe(1);
    expect(rig.log).toContainEqual(expect.objectContaining({ level: 'error', event: 'leak', pid: 1_000 }));
    expect(rig.supervisor.workers.size).toBe(2);
  });

  test('row 52 (a kill that does nothing, faked): close goes on without it', async () => {
    const rig = await Rig.ready({ size: 1, drainMs: 1_000 });
    const stuck = rig.at(0);
    stuck.process.isStuck = true;
    stuck.process.obeysEndOfInput = false;
    stuck.obeysDrain = false;
    let closed = false;
    void rig.close().then(() => {
      closed = true;
    });
    await rig.clock.pass(1_000 + 2_000 + 2_000);
    expect(stuck.process.signals).toEqual(['SIGTERM', 'SIGKILL']);
    stuck.process.abandon();
    await rig.clock.pass(2_000);
    expect(closed).toBe(true);
    expect(rig.supervisor.leaked).toBe(1);
  });
});

test('what launch throws may be anything', async () => {
  const rig = new Rig({ size: 1, auto: false });
  rig.supervisor.start();
  rig.start.fail('no error at all' as unknown as PoseError);
  await rig.settle();
  expect(rig.supervisor.lastFailure).toMatchObject({ code: 'START_FAILED' });
  expect(rig.supervisor.lastFailure?.message).toContain('no error at all');
  await rig.close();
});
