/** closed -> open -> half-open -> closed: what a breaker means for the places and the calls. */
import { describe, expect, test } from 'vitest';
import { Rig, startFailure } from './rig/rig.ts';

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
