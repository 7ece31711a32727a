/** A runner on a store in memory and a pool that the test plays. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, vi } from 'vitest';
import type { Job } from '../../src/jobs/job.ts';
import type { JobLogEntry } from '../../src/jobs/job-log.ts';
import { JobRunner } from '../../src/jobs/runner.ts';
import type { RunnerOptions } from '../../src/jobs/runner-options.ts';
import { MemoryStore } from '../store/memory-store.ts';
import { FakePool, type FakeVideo } from './fake-pool.ts';

export const TICK_MS = 5;

export class RunnerRig {
  store = new MemoryStore();
  readonly out = mkdtempSync(join(tmpdir(), 'pose-runner-'));
  readonly pool = new FakePool(this.out);
  readonly told: Job[] = [];
  readonly lines: JobLogEntry[] = [];

  constructor() {
    onTestFinished(() => rmSync(this.out, { recursive: true }));
  }

  get events(): string[] {
    return this.lines.map(({ event }) => event);
  }

  /** It is stopped when the test is over. */
  start(options: Partial<RunnerOptions> = {}): JobRunner {
    const runner = new JobRunner({
      store: this.store,
      pool: this.pool,
      concurrency: 2,
      log: (entry) => void this.lines.push(entry),
      out: this.out,
      tickMs: TICK_MS,
      random: () => 0,
      ...options,
    });
    runner.events.on('job', (job) => this.told.push(job));
    runner.start();
    onTestFinished(() => runner.stop({ drainMs: 0 }));
    return runner;
  }

  submit(videoPath = '/v/ride.mp4'): Job {
    return this.store.submit({ videoPath });
  }

  state(id: string): Job['state'] | undefined {
    return this.store.get(id)?.state;
  }

  /** The video that was begun at this place; it may have to wait for it. */
  async video(at: number): Promise<FakeVideo> {
    await vi.waitFor(() => expect(this.pool.videos.length).toBeGreaterThan(at));
    const found = this.pool.videos[at];
    if (found === undefined) throw new Error(`expected the video ${at}`);
    return found;
  }

  becomes(id: string, wanted: Job['state']): Promise<void> {
    return vi.waitFor(() => expect(this.state(id)).toBe(wanted));
  }

  /** Long enough for what must not happen to happen. */
  someTicks(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, TICK_MS * 10));
  }
}
