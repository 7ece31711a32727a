/** Row 35: a frame that has begun must go on. */
import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, test } from 'vitest';
import { Connection, PARTIAL_FRAME_MS } from '../../src/process/connection.ts';
import { FakeClock } from '../../src/testing/index.ts';
import { encodeFrame } from '../../src/wire/frame-writer.ts';
import type { DaemonMessage } from '../../src/wire/generated/messages.ts';

const pong: DaemonMessage = { type: 'pong', seq: 1, rss_bytes: 1, running_id: null, progress: 0 };
const frame = Buffer.from(encodeFrame(pong).head);

let clock: FakeClock;
let stdout: PassThrough;
let messages: string[];
let faults: string[];
beforeEach(() => {
  clock = new FakeClock();
  stdout = new PassThrough();
  messages = [];
  faults = [];
  const connection = new Connection({ stdin: new PassThrough(), stdout }, clock);
  connection.listener = {
    onMessage: ({ type }) => messages.push(type),
    onFault: ({ message }) => faults.push(message),
  };
});

async function arrive(bytes: Uint8Array): Promise<void> {
  stdout.write(bytes);
  await clock.pass(0);
}

const STALLED = `nothing came for ${PARTIAL_FRAME_MS} ms in the middle of a frame`;

test('the limit', () => {
  expect(PARTIAL_FRAME_MS).toBe(10_000);
});

test.for([1, 8, 16, frame.length - 1])('row 35: %i bytes and then nothing', async (bytes) => {
  await arrive(frame.subarray(0, bytes));
  clock.advance(PARTIAL_FRAME_MS - 1);
  expect(faults).toEqual([]);
  clock.advance(1);
  expect(faults).toEqual([STALLED]);
  clock.advance(10 * PARTIAL_FRAME_MS);
  expect(faults).toHaveLength(1);
});

describe('row 35: no fault', () => {
  test('between two frames there may be any time', async () => {
    for (let round = 0; round < 3; round += 1) {
      await arrive(frame);
      clock.advance(10 * PARTIAL_FRAME_MS);
    }
    expect([messages.length, faults]).toEqual([3, []]);
    expect(clock.pending).toBe(0);
  });

  test('every byte gives the next one its time', async () => {
    for (const byte of frame) {
      await arrive(Buffer.from([byte]));
      clock.advance(PARTIAL_FRAME_MS - 1);
    }
    expect([messages, faults]).toEqual([['pong'], []]);
  });

  test('rows 35 and 64: what came while we stood still is read first', async () => {
    await arrive(frame.subarray(0, 9));
    clock.stall(PARTIAL_FRAME_MS * 2);
    await arrive(frame.subarray(9));
    clock.advance(PARTIAL_FRAME_MS);
    expect([messages, faults]).toEqual([['pong'], []]);
  });

  test('the end of the stream is the news then', async () => {
    await arrive(frame.subarray(0, 9));
    stdout.end();
    await clock.pass(PARTIAL_FRAME_MS * 2);
    expect(faults).toEqual(['the stream ended after 9 of 16 header bytes']);
    expect(clock.pending).toBe(0);
  });
});

test('after a fault of another kind no second one follows', async () => {
  await arrive(Buffer.concat([frame, Buffer.from('loading'), frame.subarray(0, 5)]));
  await clock.pass(PARTIAL_FRAME_MS * 2);
  expect(messages).toEqual(['pong']);
  expect(faults).toHaveLength(1);
  expect(clock.pending).toBe(0);
});
