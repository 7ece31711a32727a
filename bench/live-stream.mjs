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
/** Of each result: its age beyond its own inference. */
const waits = [];
const rss = [];
let dropped = 0;
let last = -1;
let failed = 0;
for await (const { index, ageMs, dropped: soFar, error, result } of pool.stream(camera())) {
  if (index <= last) throw new Error(`result ${index} came after ${last}`);
  last = index;
  if (error) failed += 1;
  ages.push(ageMs);
  if (result) waits.push(ageMs - result.timingsMs.infer);
  dropped = soFar;
  if (ages.length % 50 === 0) rss.push(process.memoryUsage.rss());
}
await pool.close();
const at = (values, share) =>
  values.toSorted((one, other) => one - other)[Math.floor((values.length - 1) * share)];
const spread = (values) => ({ p50: at(values, 0.5), p99: at(values, 0.99), max: at(values, 1) });
const quarter = Math.floor(rss.length / 4);
const megabytes = (values) => at(values, 0.5) / 1e6;
console.log(
  JSON.stringify({
    images: last + 1,
    results: ages.length,
    dropped,
    failed,
    intervalMs,
    ageMs: spread(ages),
    beyondInferenceMs: spread(waits),
    limitMs: 2 * intervalMs,
    // Medians: between two collections the images that were dropped lie about.
    rssMb: {
      secondQuarter: megabytes(rss.slice(quarter, 2 * quarter)),
      lastQuarter: megabytes(rss.slice(-quarter)),
    },
  }),
);
