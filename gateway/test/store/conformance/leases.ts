/** When a lease is over, and what its holder can do then. */
import { describe, expect, test } from 'vitest';
import { MAX_INTERRUPTIONS } from '../../../src/jobs/limits.ts';
import { failed, LEASE_MS, NOW_S, result, type StoreRig } from './rig.ts';

export function describeLeases(rig: StoreRig): void {
  describe('a lease', () => {
    const silence = (ms: number) => {
      rig.store.expireLeases(); // whoever watches has seen the lease
      rig.monotonicMs += ms;
      return rig.store.expireLeases();
    };

    test('row 72: runs out in silence, and the next attempt begins', () => {
      const { id } = rig.submit();
      rig.claim();
      expect(silence(LEASE_MS - 1)).toEqual([]);
      expect(silence(1)).toMatchObject([{ id, state: 'queued', queuePosition: 1 }]);
      expect(silence(LEASE_MS)).toEqual([]);
      expect(rig.store.stats().interruptions).toBe(1);
      expect(rig.claim()).toMatchObject({ job: { id, attempt: 2 }, failures: 0 });
    });

    test('row 73: a result after it is refused and counted, before the next attempt and during it', () => {
      const { id } = rig.submit();
      const old = rig.claim();
      silence(LEASE_MS);
      expect(rig.store.complete(id, old.token, result('/late'))).toBe(false);
      const { token } = rig.claim();
      expect(rig.store.heartbeat(id, old.token, null, LEASE_MS)).toBe(false);
      expect(rig.store.fail(id, old.token, failed(), null)).toBe(false);
      expect(rig.store.release(id, old.token)).toBe(false);
      expect(rig.store.complete(id, token, result())).toBe(true);
      expect(rig.find(id)).toMatchObject({ state: 'completed', result: result() });
      expect(rig.store.stats().lateResults).toBe(2);
    });

    test('goes on with each heartbeat', () => {
      const { id } = rig.submit();
      const { token } = rig.claim();
      for (const _ of [1, 2, 3]) {
        expect(silence(LEASE_MS - 1)).toEqual([]);
        expect(rig.store.heartbeat(id, token, null, LEASE_MS)).toBe(true);
      }
    });

    test('that ran out unnoticed is renewed by its owner: nobody else has begun', () => {
      const { id } = rig.submit();
      const { token } = rig.claim();
      rig.monotonicMs += LEASE_MS * 5;
      expect(rig.store.heartbeat(id, token, null, LEASE_MS)).toBe(true);
      expect(rig.store.expireLeases()).toEqual([]);
      expect(rig.find(id).state).toBe('processing');
    });

    test.for([-1e6, 1e6])('row 77: ignores a wall clock that jumps by %d s', (jumpS) => {
      rig.submit();
      rig.claim();
      rig.nowS += jumpS;
      expect(silence(LEASE_MS - 1)).toEqual([]);
    });

    test('that runs out again and again without progress ends the job', () => {
      const { id } = rig.submit();
      for (let time = 1; time < MAX_INTERRUPTIONS; time += 1) {
        rig.claim();
        expect(silence(LEASE_MS)).toMatchObject([{ state: 'queued' }]);
      }
      rig.nowS += 3;
      rig.claim();
      rig.nowS += 2;
      expect(silence(LEASE_MS)).toMatchObject([{ id, state: 'failed' }]);
      expect(rig.find(id)).toMatchObject({
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
      const { id } = rig.submit();
      for (let time = 1; time <= MAX_INTERRUPTIONS + 5; time += 1) {
        const { token } = rig.claim();
        rig.store.heartbeat(id, token, { done: time, total: null, fps: 1, leftS: null }, LEASE_MS);
        silence(LEASE_MS);
      }
      expect(rig.find(id).state).toBe('queued');
    });
  });
}
