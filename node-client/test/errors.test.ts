import { expect, test } from 'vitest';
import {
  AbortedError,
  ERROR_CODES,
  PoseError,
  RequestError,
  StartError,
  WorkerDiedError,
} from '../src/index.ts';

test('the message holds the code, the sentence and the next step', () => {
  const error = new PoseError('QUEUE_FULL', 'too many', { hint: 'Wait.' });
  expect(error.message).toBe('QUEUE_FULL: too many\nNext step: Wait.');
  expect(String(error)).toBe('PoseError: QUEUE_FULL: too many\nNext step: Wait.');
});

test('whether it may be retried comes from the list of codes, unless the daemon knows better', () => {
  for (const [code, { retryable }] of Object.entries(ERROR_CODES))
    expect(new PoseError(code, '').retryable).toBe(retryable);
  expect(new PoseError('QUEUE_FULL', '', { retryable: false }).retryable).toBe(false);
  expect(new PoseError('toString', '').retryable).toBe(false);
});

test('all errors are PoseErrors with a name of their own', () => {
  const death = { pid: 1, exit: null, stderrTail: 'last\nwords', uptimeMs: 1 };
  const errors = [
    new StartError('START_FAILED', 's', { phase: 'importing' }),
    new WorkerDiedError('WORKER_DIED', 's', death),
    new RequestError('DECODE_FAILED', 's'),
    new AbortedError('reason'),
  ];
  expect(errors.every((error) => error instanceof PoseError)).toBe(true);
  expect(errors.map(({ name }) => name)).toEqual([
    'StartError',
    'WorkerDiedError',
    'RequestError',
    'AbortError',
  ]);
  expect(errors[1]?.message).toContain('Its last words:\n  last\n  words');
  expect(errors[3]?.cause).toBe('reason');
});
