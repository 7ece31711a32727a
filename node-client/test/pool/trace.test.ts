/** Traces of requests through both processes. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { PosePool } from '../../src/index.ts';
import { spansOf } from '../../src/pool/trace.ts';
import { ClockAlignment } from '../../src/process/timeline.ts';
import { fakeDaemon } from '../../src/testing/index.ts';
import { failure } from '../failures.ts';
import { checkLeaks } from '../leaks.ts';
import { HAS_PYTHON, PYTHON, ROOT } from '../repository.ts';

beforeEach(checkLeaks);

interface Event {
  readonly ph: string;
  readonly name: string;
  readonly id: number;
  readonly pid: number;
  readonly ts: number;
}

function temporaryFile(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'pose-trace-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, name);
}

/** Spans as name, process and length, by call; the first one is the call itself. */
function readCalls(file: string): Map<number, { name: string; pid: number; us: number }[]> {
  const events = JSON.parse(readFileSync(file, 'utf8')) as Event[];
  const calls = new Map<number, { name: string; pid: number; us: number }[]>();
  const open: Event[] = [];
  for (const event of events) {
    if (event.ph === 'b') open.push(event);
    if (event.ph !== 'e') continue;
    const begun = open.pop();
    expect(begun).toMatchObject({ name: event.name, id: event.id });
    const spans = calls.get(event.id) ?? [];
    calls.set(event.id, [...spans, { name: event.name, pid: event.pid, us: event.ts - (begun?.ts ?? 0) }]);
  }
  return calls;
}

describe.skipIf(!HAS_PYTHON)('with the real daemon', () => {
  test('spans cover at least 98 % of every call, in both processes', async () => {
    const delayMs = 20;
    const options = { delay_ms: delayMs };
    const pool = await PosePool.start({
      python: PYTHON,
      servicePath: ROOT,
      estimator: 'null',
      options,
      size: 1,
    });
    const file = temporaryFile('trace.json');
    const data = new Uint8Array(64 * 48);
    const image = { data, width: 64, height: 48, format: 'gray8' as const };
    const trace = pool.trace(file);
    await pool.estimate(image);
    await Promise.all(Array.from({ length: 6 }, () => pool.estimate(image)));
    await trace.close();
    const daemonPid = pool.status().workers[0]?.daemon?.pid;
    await pool.close();

    const calls = readCalls(file);
    expect(calls.size).toBe(7);
    for (const [whole, ...spans] of calls.values()) {
      const covered = spans.reduce((sum, { us }) => sum + us, 0);
      expect(covered / (whole?.us ?? 0)).toBeGreaterThanOrEqual(0.98);
    }
    const last = calls.get(7) ?? [];
    expect(last.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['estimate', 'queue', 'infer', 'read']),
    );
    const infer = last.find(({ name }) => name === 'infer');
    expect(infer).toMatchObject({ pid: daemonPid });
    expect(infer?.us).toBeGreaterThanOrEqual(delayMs * 1000 * 0.9);
  });
});

test('a daemon that tells no times gives one span', async () => {
  const pool = await PosePool.start({ ...fakeDaemon('healthy'), size: 1 });
  const file = temporaryFile('trace.json');
  const trace = pool.trace(file);
  await pool.estimate(Buffer.from('image'));
  await trace.close();
  await pool.close();
  expect(
    readCalls(file)
      .get(1)
      ?.map(({ name }) => name),
  ).toEqual(['estimate', 'queue', 'daemon']);
});

test('a file that cannot be written is an error with the next step, and the pool works on', async () => {
  const pool = await PosePool.start({ ...fakeDaemon('healthy'), size: 1 });
  const trace = pool.trace(join(temporaryFile('no-folder'), 'trace.json'));
  await pool.estimate(Buffer.from('image'));
  const error = await failure(trace.close());
  expect(error).toMatchObject({ code: 'NO_RESOURCES' });
  expect(error.message).toContain('Next step');
  await expect(pool.estimate(Buffer.from('image'))).resolves.toBeDefined();
  await pool.close();
});

test('a second trace ends the first; closing twice is one close', async () => {
  const pool = await PosePool.start({ ...fakeDaemon('healthy'), size: 1 });
  const [one, two] = [temporaryFile('one.json'), temporaryFile('two.json')];
  const first = pool.trace(one);
  await pool.estimate(Buffer.from('image'));
  const second = pool.trace(two);
  await pool.estimate(Buffer.from('image'));
  await pool.close();
  await Promise.all([first.close(), second.close(), second.close()]);
  expect(readCalls(one).size).toBe(1);
  expect(readCalls(two).size).toBe(1);
});

describe('clocks', () => {
  test('are aligned by the shortest round trip', () => {
    const clock = new ClockAlignment();
    expect(clock.toOurMs(0)).toBeNull();
    clock.pinged(1, 100);
    clock.ponged(1, 5_055_000, 120); // 10 ms each way: their 5055 is our 110
    expect(clock.toOurMs(5_055_000)).toBe(110);
    clock.pinged(2, 200);
    clock.ponged(2, 5_200_000, 300); // a slow one tells less
    expect(clock.toOurMs(5_055_000)).toBe(110);
    clock.pinged(3, 400);
    clock.ponged(3, 5_350_000, 402);
    expect(clock.toOurMs(5_350_000)).toBe(401);
  });

  test('an answer to no ping changes nothing', () => {
    const clock = new ClockAlignment();
    clock.ponged(7, 5_000_000, 10);
    clock.pinged(8, 10);
    clock.ponged(8, undefined, 12);
    expect(clock.toOurMs(0)).toBeNull();
  });

  test('that disagree never make a span end before it begins', () => {
    const clock = new ClockAlignment();
    clock.pinged(1, 0);
    clock.ponged(1, 0, 0);
    const daemon = { receivedUs: 1_000, stagesMs: { queue: 1, decode: 2, infer: 500, encode: 1 } };
    const timeline = { pid: 2, sentAtMs: 50, writtenAtMs: 60, daemon, answeredAtMs: 100 };
    const spans = spansOf({ op: 'estimate', attempt: 1, enteredAtMs: 10, ok: true, timeline, clock }, 1);
    let atMs = 10;
    for (const { fromMs, toMs } of spans) {
      expect(fromMs).toBe(atMs);
      expect(toMs).toBeGreaterThan(fromMs);
      atMs = toMs;
    }
    expect(atMs).toBe(100);
  });
});
