/** Every failure has words and a next step. */
import { expect, test } from 'vitest';
import { ApiFailure, failureOf, problemOf, unreachable } from '../../../web/api/failure.ts';

test('an answer of the gateway keeps its words', () => {
  const body = JSON.stringify({ error: 'no video', code: 'VIDEO_UNREADABLE', hint: 'Send one.' });
  expect(failureOf(400, body)).toMatchObject({
    status: 400,
    code: 'VIDEO_UNREADABLE',
    error: 'no video',
    hint: 'Send one.',
  });
});

test.for([
  ['a page of a proxy', '<html>Bad Gateway</html>'],
  ['nothing', ''],
  ['null', 'null'],
  ['another object', '{"message":"x"}'],
  ['words of wrong types', '{"error":1,"code":2}'],
] as const)('%s is told by its status', ([, body]) => {
  expect(failureOf(502, body)).toMatchObject({ code: 'HTTP_502', error: expect.stringContaining('502') });
  expect(failureOf(502, body).hint).not.toBeNull();
});

test('whatever is thrown becomes a problem', () => {
  expect(problemOf(new TypeError('x is not a function'))).toMatchObject({
    code: 'PAGE_FAILED',
    error: 'x is not a function',
  });
  expect(problemOf('text').error).toBe('text');
  const failure = unreachable(new Error('net'));
  expect(problemOf(failure)).toBe(failure);
  expect(failure).toBeInstanceOf(ApiFailure);
});
