/** Row 46: wrong answers without an error are found by asking what is known. */
import { beforeEach, describe, expect, test } from 'vitest';
import { RequestError } from '../../src/errors.ts';
import { Canary, differenceOf, REFERENCES_MAX } from '../../src/pool/canary.ts';
import type { PoolLogEntry } from '../../src/pool/events.ts';
import { PROBE_DEADLINE_MS } from '../../src/pool/worker.ts';
import type { Outcome, Work } from '../../src/process/work.ts';
import type { Person, PoseResult } from '../../src/result.ts';
import { readyMessage } from '../../src/testing/fake-messages.ts';
import { FakeClock } from '../../src/testing/index.ts';
import { Rig } from './rig/rig.ts';

const EVERY_MS = 60_000;
const work = { body: new Uint8Array(1) } as Work<PoseResult>;

/** One person with two keypoints. */
function makeAnswer({ x = 10, score = 0.9, persons = 1, visibility = 1 } = {}): PoseResult {
  const person = { score, keypoints: new Float32Array([x, 20, 0, visibility, 30, 40, 0, 1]) } as Person;
  return { persons: Array.from({ length: persons }, () => person) } as unknown as PoseResult;
}

describe('row 46: what is a difference', () => {
  test.for<[string, PoseResult, string | null]>([
    ['the same', makeAnswer(), null],
    ['a rounding', makeAnswer({ x: 10.9, score: 0.94 }), null],
    ['a keypoint elsewhere', makeAnswer({ x: 116 }), 'person 0: a keypoint moved by 106.0 px'],
    ['a keypoint nowhere', makeAnswer({ x: Number.NaN }), 'person 0: a keypoint moved by NaN px'],
    ['a visibility', makeAnswer({ visibility: 0 }), null],
    ['another confidence', makeAnswer({ score: 0.5 }), 'person 0: a score changed by 0.40'],
    ['nobody', makeAnswer({ persons: 0 }), '0 persons instead of 1'],
    ['a crowd', makeAnswer({ persons: 3 }), '3 persons instead of 1'],
  ])('%s', ([, now, difference]) => {
    expect(differenceOf(makeAnswer(), now)).toBe(difference);
  });

  test('another skeleton', () => {
    const other = makeAnswer();
    const short = { persons: [{ score: 0.9, keypoints: new Float32Array(4) }] } as unknown as PoseResult;
    expect(differenceOf(other, short)).toBe('person 0: another number of keypoints');
  });
});

describe('row 46: who is replaced', () => {
  let clock: FakeClock;
  let log: PoolLogEntry[];
  let canary: Canary;
  let sick: string[];
  beforeEach(() => {
    clock = new FakeClock();
    log = [];
    sick = [];
    canary = new Canary({ work, everyMs: EVERY_MS }, clock, (entry) => log.push(entry));
  });

  /** A worker that answers at once; what it sees can be changed. */
  function watch(name: string, sees: Outcome<PoseResult> | PoseResult = makeAnswer(), sha256 = 'a') {
    const end = Promise.withResolvers<{ error: null; isCrash: boolean }>();
    const worker = { sees, asked: 0, end: () => end.resolve({ error: null, isCrash: false }) };
    const ready = readyMessage({ models: [{ name: 'pose', sha256 }] });
    const probe = (_: Work<unknown>, onOutcome: (outcome: Outcome<never>) => void) => {
      worker.asked += 1;
      const { sees: seen } = worker;
      onOutcome(('ok' in seen ? seen : { ok: true, value: seen }) as Outcome<never>);
    };
    canary.watch(
      { daemon: { ready }, ended: end.promise, probe } as unknown as Parameters<Canary['watch']>[0],
      (why) => sick.push(`${name}: ${why}`),
    );
    return worker;
  }

  test('one whose answer changes', () => {
    const a = watch('a');
    watch('b');
    clock.advance(3 * EVERY_MS);
    expect(sick).toEqual([]);
    a.sees = makeAnswer({ x: 99 });
    clock.advance(EVERY_MS);
    expect(sick).toEqual(['a: its answer about the canary is wrong: person 0: a keypoint moved by 89.0 px']);
    expect(a.asked).toBe(4);
  });

  test('a fresh one that sees something else', () => {
    watch('a');
    clock.advance(EVERY_MS);
    watch('b', makeAnswer({ persons: 0 }));
    clock.advance(EVERY_MS);
    expect(sick).toHaveLength(1);
    expect(sick[0]).toContain('b: ');
  });

  test('two fresh ones in a row: then the reference was wrong', () => {
    const a = watch('a', makeAnswer({ x: 500 }));
    clock.advance(EVERY_MS);
    watch('b');
    watch('c');
    clock.advance(EVERY_MS);
    expect(sick.map((one) => one[0])).toEqual(['b']);
    expect(log).toMatchObject([{ level: 'warn', event: 'canary' }]);
    clock.advance(EVERY_MS);
    expect(sick.map((one) => one[0])).toEqual(['b', 'a']);
    expect(a.asked).toBe(3);
  });

  test('not one with other models', () => {
    watch('a');
    watch('b', makeAnswer({ x: 99 }), 'another digest');
    clock.advance(5 * EVERY_MS);
    expect(sick).toEqual([]);
  });

  test('not one that answers with an error: that is told, and others look after it', () => {
    const error = new RequestError('INFERENCE_FAILED', 'told to');
    watch('a', { ok: false, error, loss: null });
    clock.advance(EVERY_MS);
    expect(sick).toEqual([]);
    expect(log[0]?.message).toContain('INFERENCE_FAILED: told to');
  });

  test('one that has ended is asked no more', async () => {
    const a = watch('a');
    clock.advance(EVERY_MS);
    a.end();
    await clock.pass(5 * EVERY_MS);
    expect(a.asked).toBe(1);
    expect(clock.pending).toBe(0);
  });

  test('what is remembered is bounded', () => {
    for (let models = 0; models <= REFERENCES_MAX; models += 1) watch(`${models}`, makeAnswer(), `${models}`);
    clock.advance(EVERY_MS);
    const again = watch('again', makeAnswer({ x: 99 }), '0');
    clock.advance(EVERY_MS);
    expect(again.asked).toBe(1);
    expect(sick.some((one) => one.startsWith('again'))).toBe(false);
  });
});

describe('row 46: in a pool', () => {
  /** Scripted daemons answer with the number of the call; -1 is the canary's. */
  function makeCanary(sees: () => PoseResult): Work<PoseResult> {
    const params = { call: -1 } as Work<PoseResult>['params'];
    return { op: 'estimate', params, body: new Uint8Array(1), read: sees };
  }

  test('a busy daemon is asked before it gets more work, and a sick one is replaced, its successor first', async () => {
    let seen = makeAnswer();
    const canary = { work: makeCanary(() => seen), everyMs: EVERY_MS };
    const rig = await Rig.ready({ size: 1, canary, worker: { stallTimeoutMs: 1e9 } });
    const busy = () => {
      while (rig.dispatcher.queued < 4) rig.call({ deadlineMs: 1e9 });
    };
    busy();
    await rig.clock.pass(EVERY_MS);
    rig.at(0).answer();
    expect(rig.at(0).open.map(({ call }) => call)).toEqual([1, -1]);
    rig.at(0).answer();
    rig.at(0).answer();
    busy();
    seen = makeAnswer({ persons: 0 });
    const [first] = rig.daemons;
    await rig.clock.pass(EVERY_MS);
    for (let turn = 0; turn < 4; turn += 1) first?.answer();
    await rig.clock.pass(1_000);
    expect(rig.at(0)).not.toBe(first);
    expect(rig.transitions).toContainEqual(
      expect.objectContaining({ from: null, cause: expect.stringContaining('0 persons instead of 1') }),
    );
    for (let turn = 0; turn < 20; turn += 1) for (const daemon of rig.daemons) daemon.answer();
    await rig.settle();
    expect(rig.outcomes).toEqual(rig.calls.map(({ index }) => index));
    expect(rig.dispatcher.answered).toBe(rig.calls.length);
  });

  test('an answer that never comes does not keep a daemon that is to go', async () => {
    const canary = { work: makeCanary(makeAnswer), everyMs: EVERY_MS };
    const rig = await Rig.ready({ size: 1, canary, worker: { stallTimeoutMs: 1e9 } });
    const [first] = rig.daemons;
    await rig.clock.pass(EVERY_MS);
    expect(first?.open.map(({ call }) => call)).toEqual([-1]);
    await rig.clock.pass(PROBE_DEADLINE_MS + 2_000);
    expect(first?.process.givenUp).toContain('after it was cancelled');
    await rig.settle();
    expect(rig.supervisor.workers.size).toBe(1);
    expect(rig.supervisor.deaths).toBe(0);
    await rig.close();
    await rig.settle();
    expect(rig.clock.pending).toBe(0);
  });

  test('without one nobody is asked', async () => {
    const rig = await Rig.ready({ size: 2 });
    await rig.clock.pass(600_000);
    expect(rig.daemons.every(({ heard }) => heard.length === 0)).toBe(true);
  });
});
