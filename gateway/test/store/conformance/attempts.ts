/** What an attempt may do with its token, and a job with its state. */
import { describe, expect, test } from 'vitest';
import { MAX_RETRY_WAIT_S } from '../../../src/jobs/limits.ts';
import { failed, LEASE_MS, NOW_S, refusal, result, type StoreRig } from './rig.ts';

export function describeAttempts(rig: StoreRig): void {
  describe('an attempt', () => {
    const progress = { done: 3, total: 31, fps: 12.5, leftS: 2.24 };

    test('tells its progress, and keeps it when it has no news', () => {
      rig.submit();
      const { job, token } = rig.claim();
      expect(rig.store.heartbeat(job.id, token, progress, LEASE_MS)).toBe(true);
      expect(rig.store.heartbeat(job.id, token, null, LEASE_MS)).toBe(true);
      expect(rig.find(job.id).progress).toEqual(progress);
    });

    test('completes the job once', () => {
      rig.submit();
      const { job, token } = rig.claim();
      rig.nowS += 9;
      expect(rig.store.complete(job.id, token, result())).toBe(true);
      expect(rig.find(job.id)).toMatchObject({
        state: 'completed',
        completedAtS: NOW_S + 9,
        result: result(),
        error: null,
      });
      expect(rig.store.complete(job.id, token, result('/other'))).toBe(false);
      expect(rig.store.fail(job.id, token, failed(), null)).toBe(false);
      expect(rig.store.heartbeat(job.id, token, progress, LEASE_MS)).toBe(false);
      expect(rig.store.release(job.id, token)).toBe(false);
      expect(rig.find(job.id).result).toEqual(result());
      expect(rig.store.stats().lateResults).toBe(2);
    });

    test('fails the job for good', () => {
      rig.submit();
      const { job, token } = rig.claim();
      expect(rig.store.fail(job.id, token, failed(), null)).toBe(true);
      expect(rig.find(job.id)).toMatchObject({ state: 'failed', completedAtS: NOW_S, error: failed() });
      expect(rig.store.claim('gateway-a', LEASE_MS)).toBeNull();
    });

    test('fails with another to come, when it is due and not before', () => {
      rig.submit();
      const { job, token } = rig.claim();
      expect(rig.store.fail(job.id, token, failed(), NOW_S + 10)).toBe(true);
      expect(rig.find(job.id)).toMatchObject({
        state: 'queued',
        error: failed(),
        completedAtS: null,
        queuePosition: 1,
      });
      expect(rig.store.claim('gateway-a', LEASE_MS)).toBeNull();
      rig.nowS += 10;
      expect(rig.claim()).toMatchObject({ job: { id: job.id, attempt: 2, error: failed() }, failures: 1 });
    });

    test('row 77: a wall clock that is set back does not keep a retry waiting', () => {
      rig.submit();
      const { job, token } = rig.claim();
      rig.store.fail(job.id, token, failed(), NOW_S + 10);
      rig.nowS -= MAX_RETRY_WAIT_S + 1;
      expect(rig.claim().job.id).toBe(job.id);
    });

    test('is given up without blame, and the job has its old place', () => {
      const { id } = rig.submit();
      rig.submit();
      const { token } = rig.claim();
      expect(rig.store.release(id, token)).toBe(true);
      expect(rig.find(id)).toMatchObject({ state: 'queued', queuePosition: 1, error: null });
      expect(rig.claim()).toMatchObject({ job: { id, attempt: 2 }, failures: 0 });
    });

    test.for(['heartbeat', 'complete', 'fail', 'release'] as const)('%s refuses a wrong token', (call) => {
      const { id } = rig.submit();
      const { token } = rig.claim();
      const calls = {
        heartbeat: () => rig.store.heartbeat(id, 'x', progress, LEASE_MS),
        complete: () => rig.store.complete(id, 'x', result()),
        fail: () => rig.store.fail(id, 'x', failed(), null),
        release: () => rig.store.release(id, 'x'),
      };
      expect(calls[call]()).toBe(false);
      expect(rig.find(id)).toMatchObject({ state: 'processing', progress: null });
      expect(rig.store.complete(id, token, result())).toBe(true);
    });
  });

  describe('cancel', () => {
    test('takes a job out of the queue, and twice is no fault', () => {
      const { id } = rig.submit();
      const other = rig.submit();
      rig.nowS += 1;
      const cancelled = rig.store.cancel(id);
      expect(cancelled).toMatchObject({ state: 'cancelled', completedAtS: NOW_S + 1, queuePosition: null });
      rig.nowS += 1;
      expect(rig.store.cancel(id)).toEqual(cancelled);
      expect(rig.claim().job.id).toBe(other.id);
    });

    test('ends a running attempt with its next word', () => {
      const { id } = rig.submit();
      const { token } = rig.claim();
      expect(rig.store.cancel(id).state).toBe('cancelled');
      expect(rig.store.heartbeat(id, token, null, LEASE_MS)).toBe(false);
      expect(rig.store.complete(id, token, result())).toBe(false);
      expect(rig.store.release(id, token)).toBe(true);
      expect(rig.find(id).state).toBe('cancelled');
    });

    test('row 73: started anew, it does not run before the cancelled attempt has ended', () => {
      const { id } = rig.submit();
      const { token } = rig.claim();
      rig.store.cancel(id);
      expect(rig.store.retry(id).state).toBe('queued');
      expect(rig.store.claim('gateway-a', LEASE_MS)).toBeNull();
      expect(rig.store.heartbeat(id, token, null, LEASE_MS)).toBe(false);
      expect(rig.store.release(id, token)).toBe(true);
      expect(rig.claim()).toMatchObject({ job: { id, attempt: 1 } });
    });

    test('started anew, it runs when the lease of the cancelled attempt has run out', () => {
      const { id } = rig.submit();
      rig.claim();
      rig.store.cancel(id);
      rig.store.retry(id);
      rig.store.expireLeases();
      rig.monotonicMs += LEASE_MS;
      expect(rig.store.expireLeases()).toMatchObject([{ id, state: 'queued' }]);
      expect(rig.claim().job.id).toBe(id);
      expect(rig.store.stats().interruptions).toBe(0);
    });

    test('is refused when the job is over or unknown', () => {
      rig.submit();
      const id = rig.complete();
      expect(refusal(() => rig.store.cancel(id))).toMatchObject({ code: 'JOB_FINISHED' });
      expect(refusal(() => rig.store.cancel('nobody')).code).toBe('JOB_NOT_FOUND');
    });
  });

  describe('retry', () => {
    test('starts a failed job anew', () => {
      const { id } = rig.submit();
      const { token } = rig.claim();
      rig.store.heartbeat(id, token, { done: 3, total: 9, fps: 1, leftS: 6 }, LEASE_MS);
      rig.store.fail(id, token, failed(), null);
      expect(rig.store.retry(id)).toMatchObject({
        state: 'queued',
        attempt: 0,
        error: null,
        progress: null,
        startedAtS: null,
        completedAtS: null,
      });
      expect(rig.claim()).toMatchObject({ job: { id, attempt: 1 }, failures: 0 });
    });

    test.for(['queued', 'processing', 'completed'] as const)('refuses a job that is %s', (state) => {
      const { id } = rig.submit();
      if (state === 'processing') rig.claim();
      if (state === 'completed') rig.complete();
      expect(refusal(() => rig.store.retry(id))).toMatchObject({ code: 'JOB_NOT_FINISHED' });
      expect(rig.find(id).state).toBe(state);
    });
  });
}
