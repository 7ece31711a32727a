/** One place in the pool: how daemons come into it, and come again. */
import { describe, expect, test } from 'vitest';
import type { PoseError } from '../../src/errors.ts';
import { NO_RECYCLING, Rig, startFailure } from './rig/rig.ts';

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
      worker: { recycle: { ...NO_RECYCLING, afterMs: 10_000 } },
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

test('what launch throws may be anything', async () => {
  const rig = new Rig({ size: 1, auto: false });
  rig.supervisor.start();
  rig.start.fail('no error at all' as unknown as PoseError);
  await rig.settle();
  expect(rig.supervisor.lastFailure).toMatchObject({ code: 'START_FAILED' });
  expect(rig.supervisor.lastFailure?.message).toContain('no error at all');
  await rig.close();
});
