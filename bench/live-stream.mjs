// A camera three times as fast as the pool, for a while: how old its results are, and what memory does. Prints JSON.
// JSON: {"seconds": N, "delayMs": N, "size": N, "pool": {...PosePool.start}}
import { PosePool } from 'pose-sidecar';

const { seconds, delayMs, size, pool: poolOptions } = JSON.parse(process.argv[2]);
const pool = await PosePool.start({
  size,
  log: () => {},
  estimator: 'null',
  options: { delay_ms: delayMs },
  ...poolOptions,
});
while (pool.status().ready < size) await new Promise((resolve) => setTimeout(resolve, 10));
const intervalMs = delayMs / size / 3;
const image = { data: new Uint8Array(640 * 360 * 3), width: 640, height: 360, format: 'rgb24' };
const untilMs = performance.now() + seconds * 1000;

async function* camera() {
  let nextMs = performance.now();
  while (performance.now() < untilMs) {
    yield { ...image, data: image.data.slice() };
    nextMs += intervalMs;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, nextMs - performance.now())));
  }
}

const ages = [];
const rss = [];
let dropped = 0;
let last = -1;
let failed = 0;
for await (const { index, ageMs, dropped: soFar, error } of pool.stream(camera())) {
  if (index <= last) throw new Error(`result ${index} came after ${last}`);
  last = index;
  if (error) failed += 1;
  ages.push(ageMs);
  dropped = soFar;
  if (ages.length % 50 === 0) rss.push(process.memoryUsage.rss());
}
await pool.close();
ages.sort((one, other) => one - other);
const at = (share) => ages[Math.min(ages.length - 1, Math.floor(ages.length * share))];
const settled = rss.slice(Math.floor(rss.length / 4));
console.log(
  JSON.stringify({
    images: last + 1,
    results: ages.length,
    dropped,
    failed,
    intervalMs,
    ageMs: { p50: at(0.5), p99: at(0.99), max: at(1) },
    limitMs: 2 * intervalMs + delayMs,
    rssMb: { first: settled[0] / 1e6, last: settled.at(-1) / 1e6, max: Math.max(...settled) / 1e6 },
  }),
);
