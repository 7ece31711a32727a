import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameReader } from '../../src/wire/frame-reader.ts';
import { encodeFrame } from '../../src/wire/frame-writer.ts';
import { packHeader, TYPE_CODES } from '../../src/wire/header.ts';
import { DEFAULT_LIMITS } from '../../src/wire/limits.ts';
import { collect, cut } from './collect.ts';

const MiB = 1024 * 1024;

function pingAndResult(): Buffer {
  const ping = encodeFrame({ type: 'pong', ...{ seq: 1 } });
  const result = encodeFrame({ type: 'result', id: 7, ...{ width: 2 } }, Buffer.from([1, 2, 3, 4]));
  return Buffer.concat([ping.head, result.head, result.body]);
}

describe('however the stream is cut', () => {
  const data = pingAndResult();
  const whole = collect([data]);

  test.for(Array.from({ length: data.byteLength - 1 }, (_, at) => at + 1))('in two at byte %i', (at) => {
    expect(collect([data.subarray(0, at), data.subarray(at)])).toEqual(whole);
  });

  test('[W-22] into random pieces, also empty ones', () => {
    const streams = fc.array(fc.record({ seq: fc.nat(), body: fc.uint8Array({ maxLength: 300 }) }), {
      maxLength: 20,
    });
    const property = fc.property(streams, fc.array(fc.nat(90), { minLength: 1 }), (sent, sizes) => {
      const frames = sent.map(({ seq, body }) =>
        encodeFrame({ type: 'part', id: seq + 1, ...{ seq } }, body),
      );
      const bytes = Buffer.concat(frames.flatMap(({ head, body }) => [head, body]));
      const chunks: Uint8Array[] = [];
      for (let at = 0, i = 0; at < bytes.byteLength; i += 1) {
        const size = i >= sizes.length ? bytes.byteLength : (sizes[i] as number);
        chunks.push(bytes.subarray(at, at + size));
        at += size;
      }
      expect(collect(chunks)).toEqual({
        frames: sent.map(({ seq, body }) => ({
          message: { type: 'part', id: seq + 1, seq },
          body: Buffer.from(body).toString('hex'),
        })),
      });
    });
    fc.assert(property, { seed: 20, numRuns: 200 });
  });

  test('[W-22] row 36: 64 MiB in pieces of 1 KiB: a reader that joins them again and again would not end', () => {
    const limits = { ...DEFAULT_LIMITS, bodyBytes: 64 * MiB };
    const sent = Buffer.alloc(64 * MiB, 'pose');
    const { head, body } = encodeFrame({ type: 'result', id: 1 }, sent, { limits });
    const received: Uint8Array[] = [];
    const reader = new FrameReader((frame) => received.push(frame.body), { limits });
    reader.push(head);
    for (const piece of cut(body, 1024)) reader.push(piece);
    expect(received).toHaveLength(1);
    expect(sent.equals(received[0] as Uint8Array)).toBe(true);
  });
});

describe('bodies', () => {
  test('own their memory from offset 0, so float views fit and no chunk is kept alive', () => {
    const bodies: Uint8Array<ArrayBuffer>[] = [];
    new FrameReader(({ body }) => bodies.push(body)).push(pingAndResult());
    const body = bodies[1] as Uint8Array<ArrayBuffer>;
    expect([body.byteOffset, body.buffer.byteLength]).toEqual([0, 4]);
    expect(new Float32Array(body.buffer)).toHaveLength(1);
  });

  test('do not change when the chunk is used again', () => {
    const chunk = pingAndResult();
    const bodies: Uint8Array[] = [];
    new FrameReader(({ body }) => bodies.push(body)).push(chunk);
    chunk.fill(0);
    expect([...(bodies[1] as Uint8Array)]).toEqual([1, 2, 3, 4]);
  });
});

describe('faults', () => {
  test('[W-11] are told with what came, as people would read it', () => {
    const reader = new FrameReader(() => {});
    expect(() => reader.push(Buffer.from('Traceback (most recent'))).toThrow(
      'a frame starts with f7 d1, got 54726163656261636b20286d6f737420 ("Traceback (most recent")',
    );
  });

  test('end the reader: the same fault again for whatever comes', () => {
    const reader = new FrameReader(() => expect.unreachable());
    expect(() => reader.push(Buffer.from('x'))).toThrow('a frame starts with');
    expect(() => reader.push(pingAndResult())).toThrow('a frame starts with');
    expect(() => reader.end()).not.toThrow();
  });

  test('of the listener come out of push', () => {
    const reader = new FrameReader(() => {
      throw new RangeError('mine');
    });
    expect(() => reader.push(pingAndResult())).toThrow(RangeError);
  });

  test('[W-18] an announced giant is refused from its header', () => {
    const head = new Uint8Array(16);
    packHeader(head, { typeCode: TYPE_CODES.result, flags: 1, id: 1, metaBytes: 1, bodyBytes: 0xffffffff });
    expect(() => new FrameReader(() => {}).push(head)).toThrow(
      'body of 4294967295 bytes is over the limit of 33554432',
    );
  });

  test('[W-18] no limit goes over the hard one', () => {
    const frame = Buffer.from('f7d11501000000010000000110000001', 'hex');
    const limits = { ...DEFAULT_LIMITS, bodyBytes: Number.MAX_SAFE_INTEGER };
    expect(() => new FrameReader(() => {}, { limits }).push(frame)).toThrow(
      'body of 268435457 bytes is over the limit of 268435456',
    );
  });

  test('[W-13] a major that was negotiated is accepted', () => {
    const frame = Buffer.from(
      'f7d20402 00000000 00000009 00000000 7b22736571223a357d'.replaceAll(' ', ''),
      'hex',
    );
    expect(collect([frame], { majors: [2] }).frames).toHaveLength(1);
    expect(collect([frame])).toEqual({ frames: [], fault: 'BadMajor' });
  });
});

test('midFrame tells a stalled frame from an idle stream', () => {
  const data = pingAndResult();
  const reader = new FrameReader(() => {});
  expect(reader.midFrame).toBe(false);
  reader.push(data.subarray(0, 1));
  expect(reader.midFrame).toBe(true);
  reader.push(data.subarray(1, data.byteLength - 1));
  expect(reader.midFrame).toBe(true);
  reader.push(data.subarray(data.byteLength - 1));
  expect(reader.midFrame).toBe(false);
});
