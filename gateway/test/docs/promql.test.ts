/** The reader of queries finds what is asked for, and refuses what is broken: else the test of the dashboard shows nothing. */
import { expect, test } from 'vitest';
import { readQuery } from './promql.ts';

test('names, matchers and groupings', () => {
  const text =
    'histogram_quantile(0.5, sum by (le, op) (rate(a_bucket{op="x y", state=~"b|c"}[5m]))) > on (instance) b offset 10m';
  expect(readQuery(text)).toEqual({
    metrics: [
      {
        name: 'a_bucket',
        matchers: [
          { label: 'op', operator: '=', value: 'x y' },
          { label: 'state', operator: '=~', value: 'b|c' },
        ],
      },
      { name: 'b', matchers: [] },
    ],
    groupings: ['le', 'op', 'instance'],
  });
});

test.for([
  ['sum(a', ') is missing'],
  ['sum(a))', ') closes nothing'],
  ['a{state="x"', '} is missing'],
  ['a[5m)', ') closes nothing'],
  ['nope(a)', 'nope is no function'],
  ['a{state}', 'no matcher'],
  ['a{state="x}', 'no PromQL at'],
  ['a & b', 'no PromQL at'],
] as const)('%s is refused', ([text, said]) => {
  expect(() => readQuery(text)).toThrow(said);
});
