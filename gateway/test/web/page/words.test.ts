/** Numbers as people say them. */
import { expect, test } from 'vitest';
import {
  agoInWords,
  bytesInWords,
  durationInWords,
  fileName,
  sentence,
  timecode,
  withoutCode,
} from '../../../web/page/words.ts';

test.for([
  [0, '0 B'],
  [999, '999 B'],
  [1_500, '1.5 kB'],
  [123_456_789, '123 MB'],
  [5e15, '5000 TB'],
] as const)('%d bytes', ([bytes, words]) => {
  expect(bytesInWords(bytes)).toBe(words);
});

test.for([
  [0, 'under a second'],
  [Number.NaN, 'under a second'],
  [1, '1 s'],
  [59.4, '59 s'],
  [59.6, '1 min'],
  [185, '3 min 5 s'],
  [7_800, '2 h 10 min'],
  [7_200, '2 h'],
] as const)('%d seconds', ([seconds, words]) => {
  expect(durationInWords(seconds)).toBe(words);
});

test.for([
  [0, '0:00.00'],
  [4.234, '0:04.23'],
  [59.999, '1:00.00'],
  [3_723, '1:02:03.00'],
] as const)('%d as a time code', ([seconds, code]) => {
  expect(timecode(seconds)).toBe(code);
});

test.for([
  [0, 'just now'],
  [-5, 'just now'],
  [300, '5 min ago'],
  [7_300, '2 h ago'],
] as const)('%d seconds ago', ([passed, words]) => {
  expect(agoInWords(1e9 - passed, 1e9)).toBe(words);
});

test('sentences end once', () => {
  expect(sentence('the file is gone')).toBe('The file is gone.');
  expect(sentence('Really?')).toBe('Really?');
  expect(sentence('')).toBe('');
});

test('a code is said once', () => {
  expect(withoutCode('WORKER_DIED: it ended', 'WORKER_DIED')).toBe('it ended');
  expect(withoutCode('it ended', 'WORKER_DIED')).toBe('it ended');
});

test('names of files of either system', () => {
  expect(fileName('/videos/ride.mp4')).toBe('ride.mp4');
  expect(fileName('C:\\videos\\ride.mp4')).toBe('ride.mp4');
});
