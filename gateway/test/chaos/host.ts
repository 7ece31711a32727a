/** A program that submits videos and works on them until it is killed or told to stop: store, runner and a real pool. */
import { PosePool, type VideoOptions } from 'pose-sidecar';
import { JobRunner } from '../../src/jobs/runner.ts';
import { SqliteStore } from '../../src/store/sqlite-store.ts';
import { PYTHON, ROOT } from './repository.ts';
import { sharedNowMs, writeLine } from './run-log.ts';

export interface HostPlan {
  readonly database: string;
  readonly runLog: string;
  readonly out: string;
  readonly videos: readonly string[];
  /** Daemons, and jobs at once. */
  readonly size: number;
  /** Milliseconds that each frame takes. */
  readonly delayMs: number;
}

const { database, runLog, out, videos, size, delayMs }: HostPlan = JSON.parse(process.argv[2] ?? '');
const store = new SqliteStore({ file: database });
const pool = PosePool.create({
  python: PYTHON,
  servicePath: ROOT,
  estimator: 'null',
  options: { persons: 1, delay_ms: delayMs },
  size,
  threads: 1,
  log: () => {},
  // Daemons are killed from outside: no video is to blame.
  maxAttempts: 10,
  quarantineAfter: 0,
});
const runner = new JobRunner({
  store,
  pool: {
    processVideo: async (path: string, options: VideoOptions) => {
      writeLine(runLog, { kind: 'start', path, pid: process.pid, atMs: sharedNowMs() });
      try {
        return await pool.processVideo(path, options);
      } finally {
        writeLine(runLog, { kind: 'end', path, pid: process.pid, atMs: sharedNowMs() });
      }
    },
  },
  concurrency: size,
  log: ({ level, message }) => {
    if (level === 'error') console.error(message);
  },
  out,
  tickMs: 200,
  isReady: () => pool.status().ready > 0,
});
runner.start();
for (const videoPath of videos) {
  // As a client does that asks again after its gateway has gone: with the same key.
  const { id } = runner.submit({ videoPath, idempotencyKey: videoPath });
  writeLine(runLog, { kind: 'accepted', id, path: videoPath });
  await new Promise((resolve) => setTimeout(resolve, 20));
}
process.once('SIGTERM', async () => {
  await runner.stop({ drainMs: 0 });
  await pool.close();
  store.close();
});
