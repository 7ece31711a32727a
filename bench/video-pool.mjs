// One video on a warm pool, run after run: `node bench/video-pool.mjs JSON` prints the seconds of each as JSON.
// JSON: {"clip": PATH, "size": N, "runs": N, "options": {...processVideo}, "pool": {...PosePool.start}}
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PosePool } from 'pose-sidecar';

const { clip, size, runs, options, pool: poolOptions } = JSON.parse(process.argv[2]);
const pool = await PosePool.start({ size, log: () => {}, ...poolOptions });
while (pool.status().ready < size) await new Promise((resolve) => setTimeout(resolve, 10));
const out = mkdtempSync(join(tmpdir(), 'pose-bench-'));
try {
  const seconds = [];
  let summary;
  for (let run = 0; run <= runs; run += 1) {
    const startedMs = performance.now();
    ({ summary } = await pool.processVideo(clip, { ...options, out: join(out, String(run)) }));
    if (run > 0) seconds.push((performance.now() - startedMs) / 1000); // the first one warms up
  }
  const { frames, frames_with_person: found, seconds: stages } = summary;
  console.log(JSON.stringify({ frames, found, seconds, stages }));
} finally {
  await pool.close();
  rmSync(out, { recursive: true });
}
