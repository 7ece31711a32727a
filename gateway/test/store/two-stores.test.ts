/** Whatever calls come in whatever order, the file and the memory hold the same jobs. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { PoseError } from 'pose-sidecar';
import { expect, onTestFinished, test } from 'vitest';
import type { Claimed, JobStore } from '../../src/jobs/job.ts';
import { SqliteStore } from '../../src/store/sqlite-store.ts';
import { failed, LEASE_MS, result } from './conformance/rig.ts';
import { MemoryStore } from './memory-store.ts';

const CALLS = [
  'submit',
  'submit with key',
  'claim',
  'heartbeat',
  'complete',
  'fail',
  'fail and retry',
  'release',
  'cancel',
  'retry',
  'silence',
  'wait',
  'prune',
] as const;

const steps = fc.array(fc.record({ call: fc.constantFrom(...CALLS), pick: fc.nat(7) }), { maxLength: 60 });

/** One store, driven; jobs and attempts are named by the order in which they came. */
class Driven {
  readonly store: JobStore;
  readonly #clock: { nowS: number; monotonicMs: number };
  readonly #ids: string[] = [];
  readonly #claims: Claimed[] = [];

  constructor(open: (clock: { nowS: () => number; monotonicMs: () => number }) => JobStore) {
    this.#clock = { nowS: 1_000, monotonicMs: 0 };
    this.store = open({ nowS: () => this.#clock.nowS, monotonicMs: () => this.#clock.monotonicMs });
  }

  /** What the call came to, without names that differ. */
  step(call: (typeof CALLS)[number], pick: number): unknown {
    try {
      return this.#call(call, pick);
    } catch (error) {
      if (error instanceof PoseError) return error.code;
      throw error;
    }
  }

  get jobs(): unknown {
    return this.store
      .list({ limit: 200 })
      .jobs.map(({ id, ...job }) => ({ ...job, id: this.#ids.indexOf(id) }));
  }

  #call(call: (typeof CALLS)[number], pick: number): unknown {
    const { store } = this;
    const id = this.#ids[pick % Math.max(1, this.#ids.length)] ?? 'nobody';
    const claim = this.#claims[pick % Math.max(1, this.#claims.length)];
    const [claimedId, token] = [claim?.job.id ?? 'nobody', claim?.token ?? 'none'];
    switch (call) {
      case 'submit':
        this.#know(store.submit({ videoPath: `/v/${pick}`, priority: pick % 3 }).id);
        return 'submitted';
      case 'submit with key':
        return this.#know(store.submit({ videoPath: '/v/key', idempotencyKey: `k${pick % 2}` }).id);
      case 'claim': {
        const claimed = store.claim('a', LEASE_MS);
        if (claimed !== null) this.#claims.push(claimed);
        return claimed === null ? null : [this.#ids.indexOf(claimed.job.id), claimed.failures];
      }
      case 'heartbeat':
        return store.heartbeat(claimedId, token, { done: pick, total: 9, fps: 1, leftS: 1 }, LEASE_MS);
      case 'complete':
        return store.complete(claimedId, token, result(`/out/${pick % 3}`, 10));
      case 'fail':
        return store.fail(claimedId, token, failed(), null);
      case 'fail and retry':
        return store.fail(claimedId, token, failed(), this.#clock.nowS + 5);
      case 'release':
        return store.release(claimedId, token);
      case 'cancel':
        return store.cancel(id).state;
      case 'retry':
        return store.retry(id).state;
      case 'silence':
        store.expireLeases();
        this.#clock.monotonicMs += LEASE_MS;
        return store
          .expireLeases()
          .map((job) => [this.#ids.indexOf(job.id), job.state])
          .toSorted();
      case 'wait':
        this.#clock.nowS += 3;
        return 'waited';
      case 'prune': {
        const { jobs, directories } = store.prune({ maxAgeS: 20, maxBytes: 25, maxJobs: 4 });
        return [jobs.map((job) => this.#ids.indexOf(job.id)).toSorted(), directories.toSorted()];
      }
    }
  }

  #know(id: string): number {
    if (!this.#ids.includes(id)) this.#ids.push(id);
    return this.#ids.indexOf(id);
  }
}

test('any calls in any order come to the same', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pose-stores-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  let files = 0;
  fc.assert(
    fc.property(steps, (all) => {
      files += 1;
      const file = join(folder, `${files}.sqlite`);
      const onDisk = new Driven((clock) => new SqliteStore({ ...clock, file, maxQueued: 6 }));
      const inMemory = new Driven((clock) => new MemoryStore({ ...clock, maxQueued: 6 }));
      try {
        for (const { call, pick } of all) {
          expect(onDisk.step(call, pick), call).toEqual(inMemory.step(call, pick));
          expect(onDisk.jobs, call).toEqual(inMemory.jobs);
        }
        expect(onDisk.store.stats()).toEqual(inMemory.store.stats());
      } finally {
        onDisk.store.close();
      }
    }),
    { seed: 11, numRuns: 60 },
  );
}, 120_000);
