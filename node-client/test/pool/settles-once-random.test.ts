/** Hundreds of thousands of faults at random, on a clock that the test moves: every call settles once, nothing is lost. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Work } from '../../src/process/work.ts';
import type { PoseResult } from '../../src/result.ts';
import { leftovers, violations } from './rig/invariants.ts';
import { Rig, startFailure } from './rig/rig.ts';
import type { ScriptedDaemon } from './rig/scripted-daemon.ts';

const FOR_EVER = Number.POSITIVE_INFINITY;
const DRAIN_MS = 3_000;
/** Drain, three rungs of the ladder, and what a stuck process may cost. */
const CLOSE_WITHIN_MS = DRAIN_MS + 3 * 2_000;

const which = fc.nat(7);
const step = <Name extends string>(
  name: Name,
  weight: number,
  more: Record<string, fc.Arbitrary<unknown>> = {},
) => ({
  weight,
  arbitrary: fc.record({ do: fc.constant(name), which, ...more }) as unknown as fc.Arbitrary<Step>,
});

interface Step {
  readonly do: string;
  readonly which: number;
  readonly ms: number;
  readonly bytes: number;
  readonly code: string;
}

const codes = fc.constantFrom(
  'INTERNAL',
  'INFERENCE_FAILED',
  'DECODE_FAILED',
  'NO_RESOURCES',
  'DRAINING',
  'CANCELLED',
);
const startCodes = fc.constantFrom(
  'START_FAILED',
  'START_TIMEOUT',
  'IMPORT_FAILED',
  'OOM_SUSPECTED',
  'NO_RESOURCES',
);

const plans = fc.array(
  fc.oneof(
    step('call', 10, {
      ms: fc.constantFrom(10, 500, 5_000, 60_000),
      bytes: fc.constantFrom(1, 1, 1, 400, 2_000),
    }),
    step('answer', 8),
    step('answer another', 2),
    step('fail', 3, { code: codes }),
    step('abort', 4),
    step('crash', 2),
    step('exit 0', 1),
    step('out of memory', 1),
    step('babble', 1),
    step('fall silent', 1),
    step('speak again', 2),
    step('grow', 1),
    step('hang at the end', 1),
    step('obey cancel', 2),
    step('bye', 1),
    step('stray answer', 1),
    step('late phase', 1),
    step('start', 6),
    step('start fails', 2, { code: startCodes }),
    step('pass', 8, { ms: fc.constantFrom(0, 1, 50, 130, 700, 2_100, 30_000) }),
    step('stall', 1, { ms: fc.constantFrom(500, 10_000, 100_000) }),
    step('room', 1),
    step('reset', 1),
    step('close', 1),
  ),
  { minLength: 10, maxLength: 60, size: 'max' },
);

const settings = fc.record({
  size: fc.integer({ min: 1, max: 3 }),
  auto: fc.boolean(),
  seed: fc.integer({ min: 1, max: 2 ** 30 }),
  maxQueue: fc.constantFrom(0, 2, 1_000),
  afterRequests: fc.constantFrom(1, 3, FOR_EVER, FOR_EVER),
  afterMs: fc.constantFrom(5_000, FOR_EVER),
  credits: fc.constantFrom(
    { requests: 1, bytes: 1_000 },
    { requests: 2, bytes: 1_000 },
    { requests: 4, bytes: 10_000 },
  ),
  quarantineAfter: fc.constantFrom(0, 2),
  hasCanary: fc.boolean(),
});

function makeRig({
  size,
  auto,
  seed,
  maxQueue,
  afterRequests,
  afterMs,
  credits,
  quarantineAfter,
  hasCanary,
}: Settings): Rig {
  let state = seed;
  const random = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  const canary: Work<PoseResult> = {
    op: 'estimate',
    params: { call: -1 } as Work<PoseResult>['params'],
    body: new Uint8Array(1),
    read: () =>
      ({
        persons: random() < 0.9 ? [] : [{ score: 1, keypoints: new Float32Array(4) }],
      }) as unknown as PoseResult,
  };
  return new Rig({
    ...(hasCanary ? { canary: { work: canary, everyMs: 1_000 } } : {}),
    size,
    auto,
    random,
    maxQueue,
    drainMs: DRAIN_MS,
    ready: { credits },
    retry: { maxAttempts: 2, quarantineAfter },
    worker: { stallTimeoutMs: 20_000, recycle: { afterRequests, afterMs, maxRssBytes: 1e9 } },
  });
}

type Settings = typeof settings extends fc.Arbitrary<infer Value> ? Value : never;

class World {
  readonly rig: Rig;
  closing: 'no' | 'yes' | 'done' = 'no';

  constructor(rig: Rig) {
    this.rig = rig;
  }

  async take({ do: what, which: number, ms, bytes, code }: Step): Promise<void> {
    const { rig } = this;
    const living = rig.daemons.filter(({ isAlive }) => isAlive);
    const daemon = living[number % Math.max(1, living.length)];
    const starts = rig.starts.filter(({ isOpen }) => isOpen);
    const start = starts[number % Math.max(1, starts.length)];
    if (what === 'call') rig.call({ deadlineMs: ms, bytes });
    else if (what === 'abort') rig.calls[rig.calls.length - 1 - number]?.controller.abort();
    else if (what === 'start') start?.succeed();
    else if (what === 'start fails') start?.fail(startFailure(code));
    else if (what === 'late phase') start?.enter('loading');
    else if (what === 'pass') await rig.clock.pass(ms);
    else if (what === 'stall') rig.clock.stall(ms);
    else if (what === 'room') void rig.dispatcher.room();
    else if (what === 'reset' && this.closing === 'no') rig.supervisor.reset();
    else if (what === 'close') this.close();
    else if (daemon) misbehave(daemon, what, code, number);
    await rig.settle();
    expect(violations(rig)).toEqual([]);
  }

  close(): void {
    if (this.closing !== 'no') return;
    this.closing = 'yes';
    void this.rig.close().then(() => {
      this.closing = 'done';
    });
  }
}

function misbehave(daemon: ScriptedDaemon, what: string, code: string, number: number): void {
  if (what === 'answer') daemon.answer();
  else if (what === 'answer another') daemon.answer(daemon.open.at(-1)?.id);
  else if (what === 'fail') daemon.fail(code);
  else if (what === 'crash') daemon.crash();
  else if (what === 'exit 0') daemon.crash({ exitCode: 0 });
  else if (what === 'out of memory') {
    daemon.process.oomSeen = true;
    daemon.crash({ signal: 'SIGKILL' });
  } else if (what === 'babble') daemon.babble();
  else if (what === 'fall silent') daemon.answersPings = false;
  else if (what === 'speak again') {
    daemon.answersPings = true;
    daemon.pong();
  } else if (what === 'grow') daemon.rssBytes = 1.1e9;
  else if (what === 'hang at the end') {
    daemon.obeysDrain = false;
    daemon.process.obeysEndOfInput = false;
  } else if (what === 'obey cancel') daemon.obeysCancel = true;
  else if (what === 'bye') daemon.daemon.onMessage({ type: 'bye', reason: 'fatal' }, new Uint8Array(0));
  else if (what === 'stray answer')
    daemon.daemon.onMessage({ type: 'result', id: 1_000 + number }, new Uint8Array(0));
}

test('rows 28, 33, 54, 55, 57, 59 and 67: at random', { timeout: 120_000 }, async () => {
  const unhandled: unknown[] = [];
  const listener = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', listener);
  let faults = 0;
  let calls = 0;
  await fc.assert(
    fc.asyncProperty(settings, plans, async (chosen, plan) => {
      const rig = makeRig(chosen);
      const world = new World(rig);
      rig.supervisor.start();
      await rig.settle();
      for (const one of plan) await world.take(one);
      faults += plan.length;
      calls += rig.calls.length;
      world.close();
      await rig.clock.pass(CLOSE_WITHIN_MS);
      expect(world.closing).toBe('done');
      await rig.clock.pass(600_000);
      expect(leftovers(rig)).toEqual([]);
      expect(violations(rig)).toEqual([]);
    }),
    { seed: 11, numRuns: 3_000 },
  );
  process.off('unhandledRejection', listener);
  expect(unhandled).toEqual([]);
  console.log(`pools on the fake clock: ${faults} events, ${calls} calls, every one settled once`);
});
