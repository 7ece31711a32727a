import { describe, expect, test } from 'vitest';
import {
  type EncodeOptions,
  encodeFrame,
  type SendableMessage,
  writeFrame,
} from '../../src/wire/frame-writer.ts';
import { DEFAULT_LIMITS } from '../../src/wire/limits.ts';
import { WireError } from '../../src/wire/wire-error.ts';
import { collect } from './collect.ts';

const request = (fields: object) => ({ type: 'request', id: 1, ...fields }) as SendableMessage;

function deep(levels: number): unknown {
  return levels === 0 ? 1 : [deep(levels - 1)];
}

describe.for([
  { encoding: 'msgpack', options: {} },
  { encoding: 'JSON', options: { jsonMeta: true } },
] satisfies { encoding: string; options: EncodeOptions }[])('$encoding meta', ({ options }) => {
  test.for([
    ['NaN', { a: Number.NaN }, 'numbers must be finite, got NaN'],
    ['infinity', { a: [1, Number.NEGATIVE_INFINITY] }, 'numbers must be finite, got -Infinity'],
    ['a large integer', { a: 2 ** 53 }, 'integers must be within 2**53 - 1, got 9007199254740992'],
    ['a bigint', { a: 1n }, 'got bigint'],
    ['an undefined item', { a: [undefined] }, 'got undefined'],
    ['a function', { a: () => 1 }, 'got function'],
    ['a Date', { a: new Date(0) }, 'got Date'],
    ['a Map', { a: new Map() }, 'got Map'],
    ['floats in binary', { a: new Float32Array(2) }, 'got Float32Array'],
    ['a lone surrogate', { a: 'x\ud800' }, 'lone surrogate'],
    ['a lone surrogate in a key', { '\udc00': 1 }, 'lone surrogate'],
    ['the forbidden key', JSON.parse('{"a":{"__proto__":1}}'), "the key '__proto__' is not allowed"],
    ['too much nesting', { a: deep(32) }, 'nesting is deeper than allowed'],
  ] as const)('[W-01] refuses %s', ([, fields, sentence]) => {
    const attempt = () => encodeFrame(request(fields), undefined, options);
    expect(attempt).toThrow(WireError);
    expect(attempt).toThrow(sentence);
  });

  test('leaves out keys that are undefined', () => {
    const { head } = encodeFrame(request({ op: 'x', deadline_ms: undefined }), undefined, options);
    expect(collect([head]).frames[0]?.message).toEqual({ type: 'request', id: 1, op: 'x' });
  });

  test('[W-03] takes nesting as deep as allowed', () => {
    const { head } = encodeFrame(request({ a: deep(31) }), undefined, options);
    expect(collect([head]).frames[0]?.message).toEqual({ type: 'request', id: 1, a: deep(31) });
  });

  test('[W-18] is refused over the limit, with a code of its own', () => {
    const limits = { ...DEFAULT_LIMITS, metaBytes: 100 };
    const attempt = () => encodeFrame(request({ op: 'x'.repeat(100) }), undefined, { ...options, limits });
    expect(attempt).toThrow(expect.objectContaining({ code: 'FRAME_TOO_LARGE' }));
  });
});

test('[W-18] a body over the limit is refused', () => {
  const limits = { ...DEFAULT_LIMITS, bodyBytes: 4 };
  expect(() => encodeFrame(request({}), new Uint8Array(5), { limits })).toThrow(
    'body of 5 bytes is over the limit of 4',
  );
});

test('the body is the caller’s own, not a copy', () => {
  const body = new Uint8Array([1, 2, 3]);
  expect(encodeFrame(request({}), body).body).toBe(body);
});

test('head and body leave in one writev; the answer is the stream’s last word', () => {
  const seen: unknown[] = [];
  const sink = {
    cork: () => seen.push('cork'),
    uncork: () => seen.push('uncork'),
    write: (chunk: Uint8Array) => {
      seen.push(chunk);
      return seen.length < 3;
    },
  };
  const frame = encodeFrame(request({}), new Uint8Array([9]));
  expect(writeFrame(sink, frame)).toBe(false);
  expect(seen).toEqual(['cork', frame.head, frame.body, 'uncork']);
  const empty = encodeFrame(request({}));
  seen.length = 0;
  expect(writeFrame(sink, empty)).toBe(true);
  expect(seen).toEqual(['cork', empty.head, 'uncork']);
});
