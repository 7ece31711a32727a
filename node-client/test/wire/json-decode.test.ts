import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeJson } from '../../src/wire/json-decode.ts';
import { NotPlainError } from '../../src/wire/plain.ts';
import { plainValue } from './arbitraries.ts';

const decode = (text: string) => decodeJson(Buffer.from(text), 32);
test('reads whatever JSON.stringify writes, with any white space', () => {
  const property = fc.property(plainValue, fc.constantFrom('', ' ', '\t', '\n  '), (sent, indent) => {
    expect(decode(JSON.stringify(sent, null, indent))).toEqual(sent);
  });
  fc.assert(property, { seed: 6, numRuns: 500 });
});

test('answers any text with a value or a NotPlainError, never with another error', () => {
  const unit = fc.constantFrom(...'{}[]",:\\u0123456789eE+-. truefalsn'.split(''));
  const property = fc.property(fc.string({ unit, maxLength: 40 }), (text) => {
    try {
      decode(text);
    } catch (error) {
      expect(error).toBeInstanceOf(NotPlainError);
    }
  });
  fc.assert(property, { seed: 7, numRuns: 5000 });
});

test('keys with escapes are not mixed up with keys seen before, as JSON.parse does (nodejs/node#63785)', () => {
  expect(decode('{"\\"":1,"\\\\":2,"y":3}')).toEqual({ '"': 1, '\\': 2, y: 3 });
  expect(decode('{"\\"":1,"\\u00e9":2,"y":3}')).toEqual({ '"': 1, é: 2, y: 3 });
});

test.for([
  ['{"a":}', 'not JSON: expected a value at character 5, got "}"'],
  ['{"a" 1}', `not JSON: expected ':' at character 5, got "1}"`],
  ['{a:1}', 'not JSON: expected text at character 1, got "a:1}"'],
  ['[1 2]', `not JSON: expected ']' at character 3, got "2]"`],
  ['[1] x', 'not JSON: expected the end at character 4, got "x"'],
  ['', 'not JSON: expected a value at character 0, got ""'],
] as const)('%j is refused with place and expectation', ([text, sentence]) => {
  expect(() => decode(text)).toThrow(sentence);
});
