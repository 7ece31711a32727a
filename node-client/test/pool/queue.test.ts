/** Calls that wait: their order, their place, and that nobody who waits is forgotten. */
import { describe, expect, test } from 'vitest';
import { PoseError } from '../../src/errors.ts';
import { Call } from '../../src/pool/call.ts';
import { Queue } from '../../src/pool/queue.ts';
import { FakeClock } from '../../src/testing/index.ts';
import { Rig } from './rig/rig.ts';

function makeQueue() {
  const clock = new FakeClock();
  let left = 0;
  const queue = new Queue(() => {
    left += 1;
  });
  const call = (deadlineMs = 1_000) => {
    const work = { op: 'estimate', params: {}, body: new Uint8Array(1), read: () => 0 };
    const one = new Call<unknown>({ work, deadlineMs, signal: undefined }, clock);
    one.outcome.catch(() => {});
    return one;
  };
  return { clock, queue, call, left: () => left };
}

describe('the order', () => {
  test('those that were with a daemon already go first, each kind in its own order', () => {
    const { queue, call } = makeQueue();
    const [a, b, c, d] = [call(), call(), call(), call()];
    queue.push(a);
    queue.push(b);
    queue.pushAgain(c);
    queue.pushAgain(d);
    expect([...queue]).toEqual([c, d, a, b]);
    expect(queue.size).toBe(4);
  });

  test('who gives up leaves from the middle, and it is told', () => {
    const { clock, queue, call, left } = makeQueue();
    const [a, b, c] = [call(), call(10), call()];
    for (const one of [a, b, c]) queue.push(one);
    clock.advance(10);
    expect([...queue]).toEqual([a, c]);
    expect(left()).toBe(1);
  });

  test('the age is that of the one that came first, wherever it stands', () => {
    const { clock, queue, call } = makeQueue();
    expect(queue.oldestAtMs).toBeNull();
    const a = call();
    clock.advance(5);
    const b = call();
    queue.push(b);
    expect(queue.oldestAtMs).toBe(5);
    queue.pushAgain(a);
    expect(queue.oldestAtMs).toBe(0);
    queue.delete(a);
    expect(queue.oldestAtMs).toBe(5);
  });
});

const oneAtATime = { credits: { requests: 1, bytes: 1_000 } };

describe('a place becomes free', () => {
  test('row 59: a call too large for the credit left gives up: the smaller one behind it goes at once', async () => {
    const rig = await Rig.ready({ size: 1, ready: { credits: { requests: 3, bytes: 1_000 } } });
    rig.call({ bytes: 600 });
    const large = rig.call({ bytes: 600 });
    rig.call({ bytes: 300 });
    expect(rig.at(0).open).toHaveLength(1);
    large.controller.abort();
    expect(rig.at(0).open.map(({ call }) => call)).toEqual([0, 2]);
  });

  test('row 59: every call in a full queue runs into its deadline: who waits for room is told', async () => {
    const rig = new Rig({ maxQueue: 10, auto: false });
    rig.supervisor.start();
    for (let call = 0; call < 10; call += 1) rig.call({ deadlineMs: 5_000 });
    let told = 0;
    for (let waiter = 0; waiter < 25; waiter += 1) {
      void rig.dispatcher.room().then(() => {
        told += 1;
        rig.call({ deadlineMs: 5_000 });
      });
    }
    rig.call();
    await rig.settle();
    expect(told).toBe(0);
    expect(rig.outcomes.at(-1)).toBe('QUEUE_FULL');
    await rig.clock.pass(20_000);
    expect(told).toBe(25);
    expect(rig.drains).toBe(1);
    expect(new Set(rig.outcomes)).toEqual(new Set(['DEADLINE_EXCEEDED', 'QUEUE_FULL']));
    expect(rig.outcomes.filter((code) => code === 'QUEUE_FULL')).toHaveLength(1);
  });

  test('row 59: who waits, gives up, and never comes does not keep the others waiting', async () => {
    const rig = await Rig.ready({ size: 1, maxQueue: 2, ready: oneAtATime });
    for (let call = 0; call < 3; call += 1) rig.call();
    let came = 0;
    for (let waiter = 0; waiter < 1_000; waiter += 1) {
      void rig.dispatcher.room().then(() => {
        if (waiter % 3 === 0) return;
        came += 1;
        rig.call();
      });
    }
    for (let turn = 0; turn < 2_000 && rig.outcomes.includes(null); turn += 1) {
      rig.at(0).answer();
      await rig.settle();
    }
    expect(came).toBe(666);
    expect(rig.outcomes).toHaveLength(669);
    expect(rig.outcomes).not.toContain('QUEUE_FULL');
    expect(rig.outcomes).not.toContain(null);
  });

  test('row 59: ten thousand that ask for room in the same moment are let in as there is room', async () => {
    const rig = await Rig.ready({ size: 2, maxQueue: 100 });
    let most = 0;
    const all = Promise.all(
      Array.from({ length: 10_000 }, async () => {
        await rig.dispatcher.room();
        rig.call();
        most = Math.max(most, rig.dispatcher.queued);
      }),
    );
    for (
      let turn = 0;
      turn < 12_000 && rig.outcomes.filter((one) => one !== null).length < 10_000;
      turn += 1
    ) {
      for (const daemon of rig.daemons) while (daemon.open.length > 0) daemon.answer();
      await rig.settle();
    }
    await all;
    expect(rig.outcomes).toHaveLength(10_000);
    expect(rig.outcomes.every((one) => typeof one === 'number')).toBe(true);
    expect(most).toBeLessThanOrEqual(100);
  });

  test('room is there at once for one who asks alone, and when the answer is no anyway', async () => {
    const rig = await Rig.ready({ size: 1, maxQueue: 1, ready: oneAtATime });
    await rig.dispatcher.room();
    rig.call();
    rig.call();
    rig.dispatcher.refuse(new PoseError('POOL_CLOSED', 'told to'));
    await rig.dispatcher.room();
    await rig.dispatcher.room();
    rig.call();
    await rig.settle();
    expect(rig.outcomes.slice(1)).toEqual(['POOL_CLOSED', 'POOL_CLOSED']);
  });
});

describe('one that may have killed a daemon', () => {
  test('row 56: runs alone, and no neighbour is lost with it', async () => {
    const rig = await Rig.ready({ size: 1 });
    rig.call();
    rig.call();
    rig.at(0).crash();
    await rig.clock.pass(1_000);
    expect(rig.at(0).open.map(({ call }) => call)).toEqual([0]);
    rig.call();
    expect(rig.at(0).open.map(({ call }) => call)).toEqual([0]);
    rig.at(0).crash();
    await rig.clock.pass(1_000);
    rig.at(0).answer();
    rig.at(0).answer();
    await rig.settle();
    expect(rig.outcomes).toEqual(['POISON_INPUT', 1, 2]);
  });

  test('row 56: gets its turn although others never stop coming', async () => {
    const rig = await Rig.ready({ size: 2 });
    rig.auto = false;
    const suspect = rig.call();
    const others = () => rig.calls.filter(({ outcome }) => outcome === null).length;
    while (others() < 8) rig.call();
    rig.daemons.find(({ open }) => open[0]?.call === suspect.index)?.crash();
    await rig.settle();
    for (let turn = 0; turn < 40 && suspect.outcome === null; turn += 1) {
      await rig.clock.pass(50);
      for (const daemon of rig.daemons) daemon.answer();
      while (others() < 8) rig.call();
    }
    expect(suspect.outcome).toEqual({ value: suspect.index });
  });

  test('row 56: waits for the first daemon that becomes idle, which takes nothing else meanwhile', async () => {
    const rig = await Rig.ready({ size: 2 });
    rig.auto = false;
    const suspect = rig.call();
    rig.call();
    rig.at(0).crash();
    await rig.settle();
    rig.call();
    rig.at(1).answer();
    await rig.settle();
    expect(rig.at(1).open.map(({ call }) => call)).toEqual([suspect.index]);
  });
});
