/** Row 45: a daemon that fails where others succeed. */
import { beforeEach, expect, test } from 'vitest';
import { ERRORS_TO_COMPARE, ERRORS_TO_GO, GrayRecord } from '../../src/pool/gray.ts';

let sick: GrayRecord;
let healthy: GrayRecord;
beforeEach(() => {
  sick = new GrayRecord();
  healthy = new GrayRecord();
});

function fail(times: number, atMs = 100, code = 'INTERNAL'): void {
  for (let time = 0; time < times; time += 1) sick.failed(code, atMs + time);
}

test('the limits', () => {
  expect([ERRORS_TO_COMPARE, ERRORS_TO_GO]).toEqual([5, 20]);
});

test('row 45: five in a row while another answered: it goes', () => {
  fail(5);
  healthy.succeeded(102);
  expect(sick.verdict([healthy])).toBe('its last 5 requests failed while another daemon answered its own');
});

test.for<[string, () => void]>([
  ['four are too few', () => fail(4)],
  ['the other one answered before that only', () => {}],
  [
    'a success between them',
    () => {
      fail(3);
      sick.succeeded(103);
      fail(3, 104);
    },
  ],
])('row 45: it stays: %s', ([what, live]) => {
  healthy.succeeded(what.startsWith('the other') ? 99 : 1_000);
  live();
  if (what.startsWith('the other')) fail(5);
  expect(sick.verdict([healthy])).toBeNull();
});

test.for(['DECODE_FAILED', 'INVALID_REQUEST', 'CANCELLED', 'DEADLINE_EXCEEDED', 'UNSUPPORTED_OP'])(
  'row 45: %s is of the caller’s making',
  (code) => {
    fail(100, 100, code);
    healthy.succeeded(1_000);
    expect(sick.verdict([healthy])).toBeNull();
  },
);

test.for(['INFERENCE_FAILED', 'INTERNAL', 'NO_RESOURCES'])('row 45: %s is a sign of sickness', (code) => {
  fail(5, 100, code);
  healthy.succeeded(1_000);
  expect(sick.verdict([healthy])).not.toBeNull();
});

test('row 45: alone, or with others that fail too, only twenty in a row count', () => {
  const other = new GrayRecord();
  for (let time = 0; time < 19; time += 1) other.failed('INTERNAL', time);
  fail(19);
  expect(sick.verdict([])).toBeNull();
  expect(sick.verdict([other])).toBeNull();
  fail(1);
  expect(sick.verdict([])).toBe('its last 20 requests failed');
  expect(sick.verdict([sick])).toBe('its last 20 requests failed');
});
