/** One place in the pool: a daemon that has to be ended, and one that does not end. */
import { describe, expect, test } from 'vitest';
import { NO_RECYCLING, Rig, startFailure } from './rig/rig.ts';

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
    const worker = {
      recycle: { ...NO_RECYCLING, afterRequests: how === 'recycling' ? 1 : Number.POSITIVE_INFINITY },
    };
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
