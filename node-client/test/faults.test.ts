/** The gate: every row of the list of faults is cited by a test, and no test cites a row that is not there. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FAKED, FAULTS, rowsIn } from './faults.ts';

const HERE = import.meta.dirname;
const TITLE = /(['"`])((?:(?!\1)[^\\]|\\.)*\brows? \d(?:(?!\1)[^\\]|\\.)*)\1/g;

/** Every string that cites a row, in the tests of this package. */
const titles = readdirSync(HERE, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts') && file !== 'faults.test.ts')
  .flatMap((file) => {
    const text = readFileSync(join(HERE, file), 'utf8');
    return [...text.matchAll(TITLE)].map(([, , title = '']) => title);
  });

describe('the citations', () => {
  test.for<[string, readonly number[]]>([
    ['row 5: a pause', [5]],
    ['rows 13 and 16: %s', [13, 16]],
    ['rows 37 to 39', [37, 38, 39]],
    ['rows 23, 28 and 29: with %s', [23, 28, 29]],
    ['rows 33, 37 to 39, 55 and 67', [33, 37, 38, 39, 55, 67]],
    ['[W-22] row 36: 64 MiB', [36]],
    ['row 12 and then row 13', [12, 13]],
    ['rows of keypoints', []],
    ['a row of 3', []],
  ])('%s', ([title, rows]) => {
    expect(rowsIn(title)).toEqual(rows);
  });

  test('are found at all', () => {
    expect(titles.length).toBeGreaterThan(100);
  });
});

test('every fault has a test', () => {
  const cited = new Set(titles.flatMap(rowsIn));
  const uncited = Object.entries(FAULTS).filter(([row]) => !cited.has(Number(row)));
  expect(uncited.map(([row, fault]) => `row ${row}: ${fault}`)).toEqual([]);
});

test('no test cites a fault that is not in the list', () => {
  const unknown = titles.filter((title) => rowsIn(title).some((row) => FAULTS[row] === undefined));
  expect(unknown).toEqual([]);
});

test.for(FAKED)('row %i cannot be provoked here: a test that plays the system says so', (row) => {
  const faked = titles.filter((title) => title.includes('faked') && rowsIn(title).includes(row));
  expect(faked).not.toEqual([]);
});
