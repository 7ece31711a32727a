/** What is kept of a failure, whether a job is tried again, and the previous service's words for it. */
import { PoseError } from 'pose-sidecar';
import { describe, expect, test } from 'vitest';
import {
  describeFailure,
  FIRST_RETRY_WAIT_S,
  isOutage,
  MAX_ATTEMPTS,
  retryAtS,
} from '../../src/jobs/failure.ts';
import type { Job, JobFailure } from '../../src/jobs/job.ts';
import { JOB_ERROR_CODES, JobError } from '../../src/jobs/job-error.ts';
import { legacyErrorText } from '../../src/jobs/legacy-error-text.ts';
import { MAX_RETRY_WAIT_S } from '../../src/jobs/limits.ts';

const job = { id: 'j', videoPath: '/v/ride.mp4', attempt: 2 } as Job;

const failure = (change: Partial<JobFailure> = {}): JobFailure => ({
  ...describeFailure(new PoseError('INFERENCE_FAILED', 'no'), job, 1.5, 1_000),
  ...change,
});

describe('describeFailure', () => {
  test('keeps code, sentence and next step apart, with all that a report needs', () => {
    const error = new PoseError('DECODE_FAILED', 'no video:\nreally', { hint: 'Convert it.' });
    expect(describeFailure(error, job, 1.5, 1_000)).toEqual({
      code: 'DECODE_FAILED',
      message: 'no video:\nreally',
      hint: 'Convert it.',
      retryable: false,
      videoPath: '/v/ride.mp4',
      attempt: 2,
      atS: 1_000,
      elapsedS: 1.5,
    });
  });

  test.for([['text'], [null], [undefined], [new Error('text')]])('of %s is INTERNAL', ([thrown]) => {
    expect(describeFailure(thrown, job, 0, 0)).toMatchObject({
      code: 'INTERNAL',
      retryable: true,
      hint: null,
    });
  });
});

describe('retryAtS', () => {
  const never = () => 0;

  test('waits twice as long each time, from half to the whole', () => {
    const waits = [0, 1, 2].map((before) => (retryAtS(failure(), before, 9, () => 1) ?? 0) - 1_000);
    expect(waits).toEqual([2, 4, 8]);
    expect(retryAtS(failure(), 0, 9, never)).toBe(1_000 + FIRST_RETRY_WAIT_S / 2);
  });

  test('never waits longer than the store takes for a clock that was set back', () => {
    expect(retryAtS(failure(), 1_000, 2_000, () => 1)).toBe(1_000 + MAX_RETRY_WAIT_S);
  });

  test.for([
    ['the last attempt', failure(), MAX_ATTEMPTS - 1],
    ['what cannot pass', failure({ retryable: false }), 0],
    ['a limit that somebody waits for', failure({ code: 'DEADLINE_EXCEEDED' }), 0],
  ] as const)('gives up after %s', ([, failed, before]) => {
    expect(retryAtS(failed, before, MAX_ATTEMPTS, never)).toBeNull();
  });
});

test.for([
  ['POOL_UNAVAILABLE', true],
  ['POOL_CLOSED', true],
  ['QUEUE_FULL', true],
  ['WORKER_DIED', false],
  ['DECODE_FAILED', false],
] as const)('isOutage of %s is %s', ([code, expected]) => {
  expect(isOutage(new PoseError(code, 'x'))).toBe(expected);
});

test('isOutage of what is no PoseError is false', () => {
  expect([null, undefined, 'POOL_CLOSED', new Error('POOL_CLOSED')].map(isOutage)).toEqual([
    false,
    false,
    false,
    false,
  ]);
});

describe('legacyErrorText', () => {
  test.for([
    ['DEADLINE_EXCEEDED', 'Processing timeout (exceeded 180000ms)', 'Processing timeout (exceeded 180000ms)'],
    ['DEADLINE_EXCEEDED', 'the video was not done within 1000 ms', 'Processing timeout (exceeded 1000ms)'],
    ['DEADLINE_EXCEEDED', 'too late', 'too late'],
    ['DECODE_FAILED', 'it took 5 ms to fail', 'it took 5 ms to fail'],
    ['DECODE_FAILED', '/v/my ride.mp4 does not exist', 'Video file not found: /v/my ride.mp4'],
    ['MODEL_MISSING', 'it does not exist', 'it does not exist'],
  ] as const)('%s: %s', ([code, message, expected]) => {
    expect(legacyErrorText({ code, message })).toBe(expected);
  });
});

test('codes and whether they may pass are stable', () => {
  const codes = Object.entries(JOB_ERROR_CODES).map(([code, { retryable }]) => `${code} ${retryable}`);
  expect(codes).toEqual([
    'STORE_UNAVAILABLE true',
    'STORE_TOO_NEW false',
    'JOB_NOT_FOUND false',
    'JOB_FINISHED false',
    'JOB_NOT_FINISHED false',
    'IDEMPOTENCY_CONFLICT false',
    'NO_PROGRESS true',
    'JOB_INTERRUPTED false',
  ]);
  expect(new JobError('QUEUE_FULL', 'x').retryable).toBe(true);
  expect(new JobError('INVALID_REQUEST', 'x').retryable).toBe(false);
});
