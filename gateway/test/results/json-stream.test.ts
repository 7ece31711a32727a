/** Long answers are JSON whatever their parts are. */
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { asStream, longObject, withLongMember } from '../../src/results/json-stream.ts';

async function* some(...chunks: readonly string[][]) {
  yield* chunks;
}

test.for([
  ['all of them', { a: 1 }, { z: 'ü' }, [['1', '2'], ['3']], '{"a":1,"list":[1,2,3],"z":"ü"}'],
  ['nothing before', {}, { z: 1 }, [['1']], '{"list":[1],"z":1}'],
  ['nothing after', { a: 1 }, {}, [['1']], '{"a":1,"list":[1]}'],
  ['nothing in it', { a: 1 }, { z: 1 }, [], '{"a":1,"list":[],"z":1}'],
  ['nothing at all', {}, {}, [], '{"list":[]}'],
] as const)('%s', async ([, before, after, chunks, expected]) => {
  const elements = some(...chunks.map((chunk) => [...chunk]));
  expect(await text(asStream(longObject({ before, name: 'list', elements, after: () => after })))).toBe(
    expected,
  );
});

test('a long member in an object', async () => {
  const inner = longObject({ before: {}, name: 'list', elements: some(['1']) });
  expect(await text(asStream(withLongMember({ a: null }, 'result', inner)))).toBe(
    '{"a":null,"result":{"list":[1]}}',
  );
});
