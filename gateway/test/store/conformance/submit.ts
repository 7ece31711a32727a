/** What a store takes, and what it gives to whom. */
import { describe, expect, test } from 'vitest';
import { ids, LEASE_MS, NOW_S, refusal, type StoreRig } from './rig.ts';

export function describeSubmission(rig: StoreRig): void {
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
      const job = rig.store.submit(given);
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
      expect(rig.find(job.id)).toEqual(job);
    });

    test('defaults what is left out', () => {
      expect(rig.submit()).toMatchObject({
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
      const { id } = rig.submit({ options });
      options.overlay = false;
      expect(rig.find(id).options).toEqual({ overlay: true });
    });

    test('again with the same key gives the same job, in whatever state and with a full queue', () => {
      const job = rig.submit({ idempotencyKey: 'k', options: { a: 1, b: { c: 2, d: 3 } } });
      for (const _ of [2, 3, 4, 5]) rig.submit();
      const again = { idempotencyKey: 'k', options: { b: { d: 3, c: 2 }, a: 1 } };
      expect(rig.submit(again)).toEqual(job);
      rig.complete();
      rig.submit();
      expect(rig.submit(again)).toMatchObject({ id: job.id, state: 'completed' });
    });

    test.for([
      ['video', { videoPath: '/v/other.mp4' }],
      ['role', { role: 'coach' }],
      ['option', { options: { force: true } }],
    ] as const)('refuses a key that belongs to another %s', ([, change]) => {
      const { id } = rig.submit({ idempotencyKey: 'k' });
      const error = refusal(() => rig.submit({ idempotencyKey: 'k', ...change }));
      expect(error).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT', retryable: false });
      expect(error.message).toContain(id);
    });

    test('refuses when the queue is full, names the limit, and takes again when there is room', () => {
      for (const _ of [1, 2, 3, 4, 5]) rig.submit();
      const error = refusal(() => rig.submit());
      expect(error).toMatchObject({ code: 'QUEUE_FULL', retryable: true });
      expect(error.message).toContain('5 jobs');
      rig.claim();
      expect(rig.submit().state).toBe('queued');
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
      const error = refusal(() => rig.submit(change));
      expect(error.code).toBe('INVALID_REQUEST');
      expect(error.message).toContain(words);
      expect(rig.store.stats().counts.queued).toBe(0);
    });
  });

  describe('claim', () => {
    test('takes by priority, then in order of submission', () => {
      const priorities = [0, 5, -1, 5, 0];
      const all = ids(priorities.map((priority) => rig.submit({ priority })));
      expect(priorities.map((_, at) => rig.find(all[at] ?? '').queuePosition)).toEqual([3, 1, 5, 2, 4]);
      expect(priorities.map(() => rig.claim().job.id)).toEqual([1, 3, 0, 4, 2].map((at) => all[at]));
      expect(rig.store.claim('gateway-a', LEASE_MS)).toBeNull();
    });

    test('starts an attempt', () => {
      rig.submit();
      rig.nowS += 7;
      expect(rig.claim()).toMatchObject({
        job: { state: 'processing', attempt: 1, startedAtS: NOW_S + 7, queuePosition: null },
        token: expect.stringMatching(/./),
        failures: 0,
      });
    });
  });
}
