import { expect, test } from 'vitest';
import { SCHEMAS } from '../../src/wire/generated/schemas.ts';
import { HEADER_BYTES, MAJOR, packHeader, TYPE_CODES, unpackHeader } from '../../src/wire/header.ts';
import { DEFAULT_LIMITS, HARD_BODY_BYTES } from '../../src/wire/limits.ts';

test('the codes of types are those of the schemas, and never change', () => {
  const ofSchemas = Object.entries(SCHEMAS).map(([name, schema]) => [name, schema['x-code']]);
  expect({ ...TYPE_CODES, frame: null }).toEqual(Object.fromEntries(ofSchemas));
  expect(TYPE_CODES).toEqual({
    ...{ init: 1, request: 2, cancel: 3, ping: 4, drain: 5 },
    ...{ hello: 16, progress: 17, ready: 18, init_failed: 19 },
    ...{ part: 20, result: 21, error: 22, pong: 23, bye: 24 },
  });
});

test('the limits of SPEC section 8', () => {
  expect(DEFAULT_LIMITS).toEqual({ metaBytes: 262_144, bodyBytes: 33_554_432, depth: 32 });
  expect([HARD_BODY_BYTES, HEADER_BYTES, MAJOR]).toEqual([268_435_456, 16, 1]);
});

test('a header survives the round trip, at an odd offset too', () => {
  const bytes = new Uint8Array(HEADER_BYTES + 3).subarray(3);
  const fields = { typeCode: 21, flags: 1, id: 0xfffffffe, metaBytes: 0xffffffff, bodyBytes: 0x80000000 };
  packHeader(bytes, fields);
  expect(unpackHeader(bytes)).toEqual({ ...fields, type: 'result', major: 1 });
});
