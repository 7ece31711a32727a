import { expect, test } from 'vitest';
import { STDERR_LINE_BYTES, STDERR_RING_BYTES, StderrRing } from '../../src/process/stderr-ring.ts';

test('limits are what the documentation says', () => {
  expect(STDERR_RING_BYTES).toBe(65_536);
  expect(STDERR_LINE_BYTES).toBe(16_384);
});

test('keeps the newest bytes and counts the others', () => {
  const ring = new StderrRing(undefined, 10);
  ring.push(Buffer.from('abcdef'));
  ring.push(Buffer.from('ghijkl'));
  expect(ring.tail()).toBe('cdefghijkl');
  expect(ring.droppedBytes).toBe(2);
});

test('one chunk larger than the ring leaves its end', () => {
  const ring = new StderrRing(undefined, 4);
  ring.push(Buffer.from('earlier'));
  ring.push(Buffer.from('0123456789'));
  expect(ring.tail()).toBe('6789');
  expect(ring.droppedBytes).toBe(13);
});

test('the tail is the last lines that say something', () => {
  const ring = new StderrRing();
  ring.push(Buffer.from('one\ntwo\n\n  \nthree\n'));
  expect(ring.tail(2)).toBe('two\nthree');
});

test('lines are handed on whole, however they arrive', () => {
  const lines: string[] = [];
  const ring = new StderrRing((line) => lines.push(line));
  for (const byte of Buffer.from('grün\nrot')) ring.push(Buffer.of(byte));
  expect(lines).toEqual(['grün']);
  ring.flush();
  ring.flush();
  expect(lines).toEqual(['grün', 'rot']);
});

test('a line without an end is handed on in pieces', () => {
  const lines: string[] = [];
  const ring = new StderrRing((line) => lines.push(line));
  ring.push(Buffer.from('x'.repeat(STDERR_LINE_BYTES)));
  ring.push(Buffer.from('y'));
  expect(lines.map(({ length }) => length)).toEqual([STDERR_LINE_BYTES + 1]);
});
