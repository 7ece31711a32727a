import { encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeMsgpack } from '../../src/wire/msgpack-decode.ts';
import { NotPlainError } from '../../src/wire/plain.ts';
import { plainValue } from './arbitraries.ts';

test('reads back whatever the library writes', () => {
  const property = fc.property(plainValue, (value) => {
    expect(decodeMsgpack(encode(value), 32)).toEqual(value);
  });
  fc.assert(property, { seed: 4, numRuns: 500 });
});

test('answers any bytes with a value or a NotPlainError, never with another error', () => {
  const property = fc.property(fc.uint8Array({ maxLength: 60 }), (data) => {
    try {
      decodeMsgpack(data, 32);
    } catch (error) {
      expect(error).toBeInstanceOf(NotPlainError);
    }
  });
  fc.assert(property, { seed: 5, numRuns: 3000 });
});
