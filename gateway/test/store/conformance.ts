/** What every store of jobs does, whatever it keeps them in. */
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Job, JobFailure, JobResult, JobStore, NewJob } from '../../src/jobs/job.ts';
import { JobError } from '../../src/jobs/job-error.ts';
import { MAX_INTERRUPTIONS, MAX_RETRY_WAIT_S } from '../../src/jobs/limits.ts';

export interface StoreSettings {
  readonly maxQueued: number;
  readonly nowS: () => number;
  readonly monotonicMs: () => number;
}

export const LEASE_MS = 1_000;
const NOW_S = 1_700_000_000;
const HOUR_S = 3_600;
const KEEP_ALL = { maxAgeS: 1e9, maxBytes: 1e15, maxJobs: 1e6 };

export const result = (directory = '/out/video_0', bytes = 10): JobResult => ({
  directory,
  summary: { frames: 31, message: null },
  bytes,
});

export const failed = (code = 'INFERENCE_FAILED'): JobFailure => ({
  code,
  message: 'the estimator failed',
  hint: null,
  retryable: true,
  videoPath: '/v/ride.mp4',
  attempt: 1,
  atS: NOW_S,
  elapsedS: 2,
});

/** The JobError that a call throws; anything else fails the test. */
export function refusal(call: () => unknown): JobError {
  try {
    call();
  } catch (error) {
    if (error instanceof JobError) return error;
    throw error;
  }
  throw new Error('expected a JobError, nothing was thrown');
}

export function describeStore(name: string, open: (settings: StoreSettings) => JobStore): void {
  describe(name, () => {
    let nowS: number;
    let monotonicMs: number;
    let store: JobStore;

    beforeEach(() => {
      nowS = NOW_S;
      monotonicMs = 5_000;
      store = open({ maxQueued: 5, nowS: () => nowS, monotonicMs: () => monotonicMs });
      onTestFinished(() => store.close());
    });

    const submit = (job: Partial<NewJob> = {}) => store.submit({ videoPath: '/v/ride.mp4', ...job });
    const claim = () => {
      const claimed = store.claim('gateway-a', LEASE_MS);
      if (claimed === null) throw new Error('expected a job to claim');
      return claimed;
    };
    const find = (id: string) => {
      const job = store.get(id);
      if (job === null) throw new Error(`expected the job ${id}`);
      return job;
    };
    const complete = (directory?: string, bytes?: number) => {
      const { job, token } = claim();
      expect(store.complete(job.id, token, result(directory, bytes))).toBe(true);
      return job.id;
    };
    const ids = (jobs: readonly Job[]) => jobs.map(({ id }) => id);

    describe('submit', () => {
      test('gives a job that waits, with everything it was given', () => {
        const given = {
          videoPath: '/v/ÿ ride "1".mp4',
          priority: -3,
          originalName: 'Fahrt ✓.mp4',
          role: 'rider',
          options: { overlay: false, assemble: { clean: 'none' } },
          idempotencyKey: 'k1',
          trace: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        };
        const job = store.submit(given);
        expect(job).toEqual({
          ...given,
          id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
          state: 'queued',
          createdAtS: NOW_S,
          startedAtS: null,
          completedAtS: null,
          attempt: 0,
          progress: null,
          result: null,
          error: null,
          queuePosition: 1,
        });
        expect(find(job.id)).toEqual(job);
      });

      test('defaults what is left out', () => {
        expect(submit()).toMatchObject({
          priority: 0,
          originalName: null,
          role: null,
          options: {},
          idempotencyKey: null,
          trace: null,
        });
      });

      test('keeps the job from what the caller does to the options afterwards', () => {
        const options = { overlay: true };
        const { id } = submit({ options });
        options.overlay = false;
        expect(find(id).options).toEqual({ overlay: true });
      });

      test('again with the same key gives the same job, in whatever state and with a full queue', () => {
        const job = submit({ idempotencyKey: 'k', options: { a: 1, b: { c: 2, d: 3 } } });
        for (const _ of [2, 3, 4, 5]) submit();
        const again = { idempotencyKey: 'k', options: { b: { d: 3, c: 2 }, a: 1 } };
        expect(submit(again)).toEqual(job);
        complete();
        submit();
        expect(submit(again)).toMatchObject({ id: job.id, state: 'completed' });
      });

      test.for([
        ['video', { videoPath: '/v/other.mp4' }],
        ['role', { role: 'coach' }],
        ['option', { options: { force: true } }],
      ] as const)('refuses a key that belongs to another %s', ([, change]) => {
        const { id } = submit({ idempotencyKey: 'k' });
        const error = refusal(() => submit({ idempotencyKey: 'k', ...change }));
        expect(error).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT', retryable: false });
        expect(error.message).toContain(id);
      });

      test('refuses when the queue is full, names the limit, and takes again when there is room', () => {
        for (const _ of [1, 2, 3, 4, 5]) submit();
        const error = refusal(() => submit());
        expect(error).toMatchObject({ code: 'QUEUE_FULL', retryable: true });
        expect(error.message).toContain('5 jobs');
        claim();
        expect(submit().state).toBe('queued');
      });

      test.for([
        ['an empty path', { videoPath: '' }, 'videoPath'],
        ['a path with NUL', { videoPath: 'a\0b' }, 'videoPath'],
        ['a path that is no text', { videoPath: 7 as never }, 'videoPath'],
        ['a path too long', { videoPath: 'x'.repeat(4_097) }, '4096'],
        ['half a character', { role: '\ud800' }, 'role'],
        ['a priority of NaN', { priority: Number.NaN }, 'NaN'],
        ['a priority too high', { priority: 101 }, 'got 101'],
        ['half a priority', { priority: 0.5 }, 'got 0.5'],
        ['options in a list', { options: [] as never }, 'options'],
        ['huge options', { options: { name: 'x'.repeat(20_000) } }, '16384'],
        ['options that are no JSON', { options: { big: 1n } }, 'options'],
        ['an empty key', { idempotencyKey: '' }, 'idempotencyKey'],
      ] as const)('refuses %s', ([, change, words]) => {
        const error = refusal(() => submit(change));
        expect(error.code).toBe('INVALID_REQUEST');
        expect(error.message).toContain(words);
        expect(store.stats().counts.queued).toBe(0);
      });
    });

    describe('claim', () => {
      test('takes by priority, then in order of submission', () => {
        const priorities = [0, 5, -1, 5, 0];
        const all = ids(priorities.map((priority) => submit({ priority })));
        expect(priorities.map((_, at) => find(all[at] ?? '').queuePosition)).toEqual([3, 1, 5, 2, 4]);
        expect(priorities.map(() => claim().job.id)).toEqual([1, 3, 0, 4, 2].map((at) => all[at]));
        expect(store.claim('gateway-a', LEASE_MS)).toBeNull();
      });

      test('starts an attempt', () => {
        submit();
        nowS += 7;
        expect(claim()).toMatchObject({
          job: { state: 'processing', attempt: 1, startedAtS: NOW_S + 7, queuePosition: null },
          token: expect.stringMatching(/./),
          failures: 0,
        });
      });
    });

    describe('an attempt', () => {
      const progress = { done: 3, total: 31, fps: 12.5, leftS: 2.24 };

      test('tells its progress, and keeps it when it has no news', () => {
        submit();
        const { job, token } = claim();
        expect(store.heartbeat(job.id, token, progress, LEASE_MS)).toBe(true);
        expect(store.heartbeat(job.id, token, null, LEASE_MS)).toBe(true);
        expect(find(job.id).progress).toEqual(progress);
      });

      test('completes the job once', () => {
        submit();
        const { job, token } = claim();
        nowS += 9;
        expect(store.complete(job.id, token, result())).toBe(true);
        expect(find(job.id)).toMatchObject({
          state: 'completed',
          completedAtS: NOW_S + 9,
          result: result(),
          error: null,
        });
        expect(store.complete(job.id, token, result('/other'))).toBe(false);
        expect(store.fail(job.id, token, failed(), null)).toBe(false);
        expect(store.heartbeat(job.id, token, progress, LEASE_MS)).toBe(false);
        expect(store.release(job.id, token)).toBe(false);
        expect(find(job.id).result).toEqual(result());
        expect(store.stats().lateResults).toBe(2);
      });

      test('fails the job for good', () => {
        submit();
        const { job, token } = claim();
        expect(store.fail(job.id, token, failed(), null)).toBe(true);
        expect(find(job.id)).toMatchObject({ state: 'failed', completedAtS: NOW_S, error: failed() });
        expect(store.claim('gateway-a', LEASE_MS)).toBeNull();
      });

      test('fails with another to come, when it is due and not before', () => {
        submit();
        const { job, token } = claim();
        expect(store.fail(job.id, token, failed(), NOW_S + 10)).toBe(true);
        expect(find(job.id)).toMatchObject({
          state: 'queued',
          error: failed(),
          completedAtS: null,
          queuePosition: 1,
        });
        expect(store.claim('gateway-a', LEASE_MS)).toBeNull();
        nowS += 10;
        expect(claim()).toMatchObject({ job: { id: job.id, attempt: 2, error: failed() }, failures: 1 });
      });

      test('row 77: a wall clock that is set back does not keep a retry waiting', () => {
        submit();
        const { job, token } = claim();
        store.fail(job.id, token, failed(), NOW_S + 10);
        nowS -= MAX_RETRY_WAIT_S + 1;
        expect(claim().job.id).toBe(job.id);
      });

      test('is given up without blame, and the job has its old place', () => {
        const { id } = submit();
        submit();
        const { token } = claim();
        expect(store.release(id, token)).toBe(true);
        expect(find(id)).toMatchObject({ state: 'queued', queuePosition: 1, error: null });
        expect(claim()).toMatchObject({ job: { id, attempt: 2 }, failures: 0 });
      });

      test.for(['heartbeat', 'complete', 'fail', 'release'] as const)('%s refuses a wrong token', (call) => {
        const { id } = submit();
        const { token } = claim();
        const calls = {
          heartbeat: () => store.heartbeat(id, 'x', progress, LEASE_MS),
          complete: () => store.complete(id, 'x', result()),
          fail: () => store.fail(id, 'x', failed(), null),
          release: () => store.release(id, 'x'),
        };
        expect(calls[call]()).toBe(false);
        expect(find(id)).toMatchObject({ state: 'processing', progress: null });
        expect(store.complete(id, token, result())).toBe(true);
      });
    });

    describe('a lease', () => {
      const silence = (ms: number) => {
        store.expireLeases(); // whoever watches has seen the lease
        monotonicMs += ms;
        return store.expireLeases();
      };

      test('row 72: runs out in silence, and the next attempt begins', () => {
        const { id } = submit();
        claim();
        expect(silence(LEASE_MS - 1)).toEqual([]);
        expect(silence(1)).toMatchObject([{ id, state: 'queued', queuePosition: 1 }]);
        expect(silence(LEASE_MS)).toEqual([]);
        expect(store.stats().interruptions).toBe(1);
        expect(claim()).toMatchObject({ job: { id, attempt: 2 }, failures: 0 });
      });

      test('row 73: a result after it is refused and counted, before the next attempt and during it', () => {
        const { id } = submit();
        const old = claim();
        silence(LEASE_MS);
        expect(store.complete(id, old.token, result('/late'))).toBe(false);
        const { token } = claim();
        expect(store.heartbeat(id, old.token, null, LEASE_MS)).toBe(false);
        expect(store.fail(id, old.token, failed(), null)).toBe(false);
        expect(store.release(id, old.token)).toBe(false);
        expect(store.complete(id, token, result())).toBe(true);
        expect(find(id)).toMatchObject({ state: 'completed', result: result() });
        expect(store.stats().lateResults).toBe(2);
      });

      test('goes on with each heartbeat', () => {
        const { id } = submit();
        const { token } = claim();
        for (const _ of [1, 2, 3]) {
          expect(silence(LEASE_MS - 1)).toEqual([]);
          expect(store.heartbeat(id, token, null, LEASE_MS)).toBe(true);
        }
      });

      test('that ran out unnoticed is renewed by its owner: nobody else has begun', () => {
        const { id } = submit();
        const { token } = claim();
        monotonicMs += LEASE_MS * 5;
        expect(store.heartbeat(id, token, null, LEASE_MS)).toBe(true);
        expect(store.expireLeases()).toEqual([]);
        expect(find(id).state).toBe('processing');
      });

      test.for([-1e6, 1e6])('row 77: ignores a wall clock that jumps by %d s', (jumpS) => {
        submit();
        claim();
        nowS += jumpS;
        expect(silence(LEASE_MS - 1)).toEqual([]);
      });

      test('that runs out again and again without progress ends the job', () => {
        const { id } = submit();
        for (let time = 1; time < MAX_INTERRUPTIONS; time += 1) {
          claim();
          expect(silence(LEASE_MS)).toMatchObject([{ state: 'queued' }]);
        }
        nowS += 3;
        claim();
        nowS += 2;
        expect(silence(LEASE_MS)).toMatchObject([{ id, state: 'failed' }]);
        expect(find(id)).toMatchObject({
          completedAtS: NOW_S + 5,
          error: {
            code: 'JOB_INTERRUPTED',
            retryable: false,
            videoPath: '/v/ride.mp4',
            attempt: MAX_INTERRUPTIONS,
            atS: NOW_S + 5,
            elapsedS: 2,
          },
        });
      });

      test('that runs out with progress between does not', () => {
        const { id } = submit();
        for (let time = 1; time <= MAX_INTERRUPTIONS + 5; time += 1) {
          const { token } = claim();
          store.heartbeat(id, token, { done: time, total: null, fps: 1, leftS: null }, LEASE_MS);
          silence(LEASE_MS);
        }
        expect(find(id).state).toBe('queued');
      });
    });

    describe('cancel', () => {
      test('takes a job out of the queue, and twice is no fault', () => {
        const { id } = submit();
        const other = submit();
        nowS += 1;
        const cancelled = store.cancel(id);
        expect(cancelled).toMatchObject({ state: 'cancelled', completedAtS: NOW_S + 1, queuePosition: null });
        nowS += 1;
        expect(store.cancel(id)).toEqual(cancelled);
        expect(claim().job.id).toBe(other.id);
      });

      test('ends a running attempt with its next word', () => {
        const { id } = submit();
        const { token } = claim();
        expect(store.cancel(id).state).toBe('cancelled');
        expect(store.heartbeat(id, token, null, LEASE_MS)).toBe(false);
        expect(store.complete(id, token, result())).toBe(false);
        expect(store.release(id, token)).toBe(true);
        expect(find(id).state).toBe('cancelled');
      });

      test('row 73: started anew, it does not run before the cancelled attempt has ended', () => {
        const { id } = submit();
        const { token } = claim();
        store.cancel(id);
        expect(store.retry(id).state).toBe('queued');
        expect(store.claim('gateway-a', LEASE_MS)).toBeNull();
        expect(store.heartbeat(id, token, null, LEASE_MS)).toBe(false);
        expect(store.release(id, token)).toBe(true);
        expect(claim()).toMatchObject({ job: { id, attempt: 1 } });
      });

      test('started anew, it runs when the lease of the cancelled attempt has run out', () => {
        const { id } = submit();
        claim();
        store.cancel(id);
        store.retry(id);
        store.expireLeases();
        monotonicMs += LEASE_MS;
        expect(store.expireLeases()).toMatchObject([{ id, state: 'queued' }]);
        expect(claim().job.id).toBe(id);
        expect(store.stats().interruptions).toBe(0);
      });

      test('is refused when the job is over or unknown', () => {
        submit();
        const id = complete();
        expect(refusal(() => store.cancel(id))).toMatchObject({ code: 'JOB_FINISHED' });
        expect(refusal(() => store.cancel('nobody')).code).toBe('JOB_NOT_FOUND');
      });
    });

    describe('retry', () => {
      test('starts a failed job anew', () => {
        const { id } = submit();
        const { token } = claim();
        store.heartbeat(id, token, { done: 3, total: 9, fps: 1, leftS: 6 }, LEASE_MS);
        store.fail(id, token, failed(), null);
        expect(store.retry(id)).toMatchObject({
          state: 'queued',
          attempt: 0,
          error: null,
          progress: null,
          startedAtS: null,
          completedAtS: null,
        });
        expect(claim()).toMatchObject({ job: { id, attempt: 1 }, failures: 0 });
      });

      test.for(['queued', 'processing', 'completed'] as const)('refuses a job that is %s', (state) => {
        const { id } = submit();
        if (state === 'processing') claim();
        if (state === 'completed') complete();
        expect(refusal(() => store.retry(id))).toMatchObject({ code: 'JOB_NOT_FINISHED' });
        expect(find(id).state).toBe(state);
      });
    });

    describe('list', () => {
      test('pages through all jobs, newest first, whatever is submitted meanwhile', () => {
        const all = ids([1, 2, 3, 4, 5].map(() => submit()));
        claim();
        const first = store.list({ limit: 2 });
        submit();
        const second = store.list({ limit: 2, after: first.after ?? '' });
        const third = store.list({ limit: 2, after: second.after ?? '' });
        expect([first, second, third].map(({ jobs }) => ids(jobs))).toEqual([
          [all[4], all[3]],
          [all[2], all[1]],
          [all[0]],
        ]);
        expect(third.after).toBeNull();
        expect(second.jobs[1]?.queuePosition).toBe(1);
      });

      test('keeps to one state', () => {
        submit();
        submit();
        const id = complete();
        expect(ids(store.list({ state: 'completed', limit: 10 }).jobs)).toEqual([id]);
        expect(store.list({ state: 'failed', limit: 10 })).toEqual({ jobs: [], after: null });
      });

      test.for([0, -1, 201, 1.5, Number.NaN])('refuses a limit of %d', (limit) => {
        expect(refusal(() => store.list({ limit })).code).toBe('INVALID_REQUEST');
      });

      test('refuses to go on after a job that is not there', () => {
        expect(refusal(() => store.list({ limit: 1, after: 'nobody' })).code).toBe('JOB_NOT_FOUND');
      });
    });

    describe('stats', () => {
      test('of nothing', () => {
        expect(store.stats()).toEqual({
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
          submit();
          const { job, token } = claim();
          nowS += durationS;
          store.complete(job.id, token, result());
        }
        for (const code of ['NO_PROGRESS', 'DECODE_FAILED', 'NO_PROGRESS']) {
          submit();
          const { job, token } = claim();
          store.fail(job.id, token, failed(code), null);
        }
        store.cancel(submit().id);
        nowS += HOUR_S - 80;
        submit();
        nowS += 5;
        submit();
        claim();
        expect(store.stats()).toMatchObject({
          counts: { queued: 1, processing: 1, completed: 4, failed: 3, cancelled: 1 },
          oldestQueuedS: 0,
          completedPerHour: 3,
          durationsS: { count: 4, mean: 25, p50: 20, p95: 40 },
          failuresByCode: { NO_PROGRESS: 2, DECODE_FAILED: 1 },
        });
        nowS += 12;
        expect(store.stats().oldestQueuedS).toBe(12);
      });

      test('a clock that was set back makes no negative duration', () => {
        submit();
        const { job, token } = claim();
        nowS -= 100;
        store.complete(job.id, token, result());
        expect(store.stats().durationsS).toMatchObject({ p50: 0 });
      });
    });

    describe('prune', () => {
      const finish = (directory: string, bytes: number) => {
        submit();
        nowS += 1;
        return complete(directory, bytes);
      };

      test('forgets nothing within the limits', () => {
        finish('/out/a', 10);
        submit();
        expect(store.prune(KEEP_ALL)).toEqual({ jobs: [], directories: [] });
      });

      test('forgets finished jobs by age, never those that wait or run', () => {
        submit();
        claim();
        const old = finish('/out/a', 10);
        nowS += 100;
        finish('/out/b', 10);
        submit();
        const pruned = store.prune({ ...KEEP_ALL, maxAgeS: 50 });
        expect(ids(pruned.jobs)).toEqual([old]);
        expect(pruned.directories).toEqual(['/out/a']);
        expect(store.get(old)).toBeNull();
        expect(store.stats().counts).toMatchObject({ queued: 1, processing: 1, completed: 1 });
        expect(store.prune({ maxAgeS: 0, maxBytes: 0, maxJobs: 0 }).jobs).toHaveLength(1);
        expect(store.stats().counts).toMatchObject({ queued: 1, processing: 1, completed: 0 });
      });

      test('forgets the oldest by space', () => {
        const [first, second] = [finish('/out/a', 10), finish('/out/b', 20), finish('/out/c', 30)];
        const pruned = store.prune({ ...KEEP_ALL, maxBytes: 40 });
        expect(ids(pruned.jobs)).toEqual([first, second]);
        expect(pruned.directories).toEqual(['/out/a', '/out/b']);
      });

      test('keeps a directory that another job refers to, and counts it once', () => {
        const first = finish('/out/a', 10);
        finish('/out/a', 10);
        expect(store.prune({ ...KEEP_ALL, maxBytes: 10 }).jobs).toEqual([]);
        const pruned = store.prune({ ...KEEP_ALL, maxJobs: 1 });
        expect(ids(pruned.jobs)).toEqual([first]);
        expect(pruned.directories).toEqual([]);
        expect(store.prune({ ...KEEP_ALL, maxJobs: 0 }).directories).toEqual(['/out/a']);
      });

      test('keeps a cancelled job whose attempt has not ended', () => {
        const { id } = submit();
        const { token } = claim();
        store.cancel(id);
        expect(store.prune({ ...KEEP_ALL, maxJobs: 0 }).jobs).toEqual([]);
        store.release(id, token);
        expect(ids(store.prune({ ...KEEP_ALL, maxJobs: 0 }).jobs)).toEqual([id]);
      });

      test('a forgotten key can be used again', () => {
        const { id } = submit({ idempotencyKey: 'k' });
        complete();
        store.prune({ ...KEEP_ALL, maxJobs: 0 });
        expect(submit({ idempotencyKey: 'k' }).id).not.toBe(id);
      });
    });

    test('an unknown id is nobody', () => {
      expect(store.get('nobody')).toBeNull();
      expect(store.get("' OR 1=1 --")).toBeNull();
    });

    test('after close every call says so, and closing twice is no fault', () => {
      const { id } = submit();
      store.check();
      store.close();
      store.close();
      const calls = [
        () => submit(),
        () => store.get(id),
        () => store.list({ limit: 1 }),
        () => store.claim('gateway-a', LEASE_MS),
        () => store.heartbeat(id, 'x', null, LEASE_MS),
        () => store.complete(id, 'x', result()),
        () => store.release(id, 'x'),
        () => store.cancel(id),
        () => store.expireLeases(),
        () => store.stats(),
        () => store.check(),
      ];
      for (const call of calls)
        expect(refusal(call)).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
    });
  });
}
