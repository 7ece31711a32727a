/** Random values of the data model, for property tests. */
import fc from 'fast-check';

const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const key = text.filter((one) => one !== '__proto__');
// JSON.stringify writes doubles from 2**53 to 1e21 as integers, which is why `encodeFrame` does not send them.
const double = fc
  .double({ noDefaultInfinity: true, noNaN: true })
  .filter((one) => !Number.isInteger(one) || Number.isSafeInteger(one));

export const { value: plainValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    fc.constantFrom(null, true, false),
    fc.maxSafeInteger(),
    double.map((one) => one + 0), // not -0, which loses its sign as an integer
    text,
    fc.array(tie('value'), { maxLength: 20 }),
    fc.dictionary(key, tie('value'), { noNullPrototype: true }),
  ),
}));
