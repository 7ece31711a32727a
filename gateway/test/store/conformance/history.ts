/** What a store tells of its jobs, and what it forgets. */
import { describe, expect, test } from 'vitest';
import { failed, HOUR_S, ids, KEEP_ALL, LEASE_MS, refusal, result, type StoreRig } from './rig.ts';

export function describeHistory(rig: StoreRig): void {
  describe('list', () => {
    test('pages through all jobs, newest first, whatever is submitted meanwhile', () => {
      const all = ids([1, 2, 3, 4, 5].map(() => rig.submit()));
      rig.claim();
      const first = rig.store.list({ limit: 2 });
      rig.submit();
      const second = rig.store.list({ limit: 2, after: first.after ?? '' });
      const third = rig.store.list({ limit: 2, after: second.after ?? '' });
      expect([first, second, third].map(({ jobs }) => ids(jobs))).toEqual([
        [all[4], all[3]],
        [all[2], all[1]],
        [all[0]],
      ]);
      expect(third.after).toBeNull();
      expect(second.jobs[1]?.queuePosition).toBe(1);
    });

    test('keeps to one state', () => {
      rig.submit();
      rig.submit();
      const id = rig.complete();
      expect(ids(rig.store.list({ state: 'completed', limit: 10 }).jobs)).toEqual([id]);
      expect(rig.store.list({ state: 'failed', limit: 10 })).toEqual({ jobs: [], after: null });
    });

    test.for([0, -1, 201, 1.5, Number.NaN])('refuses a limit of %d', (limit) => {
      expect(refusal(() => rig.store.list({ limit })).code).toBe('INVALID_REQUEST');
    });

    test('refuses to go on after a job that is not there', () => {
      expect(refusal(() => rig.store.list({ limit: 1, after: 'nobody' })).code).toBe('JOB_NOT_FOUND');
    });
  });

  describe('stats', () => {
    test('of nothing', () => {
      expect(rig.store.stats()).toEqual({
        counts: { queued: 0, processing: 0, completed: 0, failed: 0, cancelled: 0 },
        oldestQueuedS: 0,
        completedPerHour: 0,
        durationsS: null,
        failuresByCode: {},
        interruptions: 0,
        lateResults: 0,
      });
    });

    test('of a history', () => {
      for (const durationS of [10, 20, 30, 40]) {
        rig.submit();
        const { job, token } = rig.claim();
        rig.nowS += durationS;
        rig.store.complete(job.id, token, result());
      }
      for (const code of ['NO_PROGRESS', 'DECODE_FAILED', 'NO_PROGRESS']) {
        rig.submit();
        const { job, token } = rig.claim();
        rig.store.fail(job.id, token, failed(code), null);
      }
      rig.store.cancel(rig.submit().id);
      rig.nowS += HOUR_S - 80;
      rig.submit();
      rig.nowS += 5;
      rig.submit();
      rig.claim();
      expect(rig.store.stats()).toMatchObject({
        counts: { queued: 1, processing: 1, completed: 4, failed: 3, cancelled: 1 },
        oldestQueuedS: 0,
        completedPerHour: 3,
        durationsS: { count: 4, mean: 25, p50: 20, p95: 40 },
        failuresByCode: { NO_PROGRESS: 2, DECODE_FAILED: 1 },
      });
      rig.nowS += 12;
      expect(rig.store.stats().oldestQueuedS).toBe(12);
    });

    test('a clock that was set back makes no negative duration', () => {
      rig.submit();
      const { job, token } = rig.claim();
      rig.nowS -= 100;
      rig.store.complete(job.id, token, result());
      expect(rig.store.stats().durationsS).toMatchObject({ p50: 0 });
    });
  });

  describe('prune', () => {
    const finish = (directory: string, bytes: number) => {
      rig.submit();
      rig.nowS += 1;
      return rig.complete(directory, bytes);
    };

    test('forgets nothing within the limits', () => {
      finish('/out/a', 10);
      rig.submit();
      expect(rig.store.prune(KEEP_ALL)).toEqual({ jobs: [], directories: [] });
    });

    test('forgets finished jobs by age, never those that wait or run', () => {
      rig.submit();
      rig.claim();
      const old = finish('/out/a', 10);
      rig.nowS += 100;
      finish('/out/b', 10);
      rig.submit();
      const pruned = rig.store.prune({ ...KEEP_ALL, maxAgeS: 50 });
      expect(ids(pruned.jobs)).toEqual([old]);
      expect(pruned.directories).toEqual(['/out/a']);
      expect(rig.store.get(old)).toBeNull();
      expect(rig.store.stats().counts).toMatchObject({ queued: 1, processing: 1, completed: 1 });
      expect(rig.store.prune({ maxAgeS: 0, maxBytes: 0, maxJobs: 0 }).jobs).toHaveLength(1);
      expect(rig.store.stats().counts).toMatchObject({ queued: 1, processing: 1, completed: 0 });
    });

    test('forgets the oldest by space', () => {
      const [first, second] = [finish('/out/a', 10), finish('/out/b', 20), finish('/out/c', 30)];
      const pruned = rig.store.prune({ ...KEEP_ALL, maxBytes: 40 });
      expect(ids(pruned.jobs)).toEqual([first, second]);
      expect(pruned.directories).toEqual(['/out/a', '/out/b']);
    });

    test('keeps a directory that another job refers to, and counts it once', () => {
      const first = finish('/out/a', 10);
      finish('/out/a', 10);
      expect(rig.store.prune({ ...KEEP_ALL, maxBytes: 10 }).jobs).toEqual([]);
      const pruned = rig.store.prune({ ...KEEP_ALL, maxJobs: 1 });
      expect(ids(pruned.jobs)).toEqual([first]);
      expect(pruned.directories).toEqual([]);
      expect(rig.store.prune({ ...KEEP_ALL, maxJobs: 0 }).directories).toEqual(['/out/a']);
    });

    test('keeps a cancelled job whose attempt has not ended', () => {
      const { id } = rig.submit();
      const { token } = rig.claim();
      rig.store.cancel(id);
      expect(rig.store.prune({ ...KEEP_ALL, maxJobs: 0 }).jobs).toEqual([]);
      rig.store.release(id, token);
      expect(ids(rig.store.prune({ ...KEEP_ALL, maxJobs: 0 }).jobs)).toEqual([id]);
    });

    test('a forgotten key can be used again', () => {
      const { id } = rig.submit({ idempotencyKey: 'k' });
      rig.complete();
      rig.store.prune({ ...KEEP_ALL, maxJobs: 0 });
      expect(rig.submit({ idempotencyKey: 'k' }).id).not.toBe(id);
    });
  });

  test('an unknown id is nobody', () => {
    expect(rig.store.get('nobody')).toBeNull();
    expect(rig.store.get("' OR 1=1 --")).toBeNull();
  });

  test('after close every call says so, and closing twice is no fault', () => {
    const { id } = rig.submit();
    rig.store.check();
    rig.store.close();
    rig.store.close();
    const calls = [
      () => rig.submit(),
      () => rig.store.get(id),
      () => rig.store.list({ limit: 1 }),
      () => rig.store.claim('gateway-a', LEASE_MS),
      () => rig.store.heartbeat(id, 'x', null, LEASE_MS),
      () => rig.store.complete(id, 'x', result()),
      () => rig.store.release(id, 'x'),
      () => rig.store.cancel(id),
      () => rig.store.expireLeases(),
      () => rig.store.stats(),
      () => rig.store.check(),
    ];
    for (const call of calls)
      expect(refusal(call)).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
  });
}
