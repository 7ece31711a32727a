// One picture through a pool of one daemon, as a Node back end would do it. Usage: node scripts/demo-pool.mjs IMAGE
import { PosePool } from 'pose-sidecar';

const started = performance.now();
const since = () => `${Math.round(performance.now() - started)} ms`;
await using pool = await PosePool.start({ size: 1 });
const [{ daemon }] = pool.status().workers.filter(({ daemon }) => daemon !== null);
console.log(`  ready after ${since()}: pid ${daemon.pid}, ${daemon.estimator} on ${daemon.device}`);

const { width, height, persons, skeleton, timingsMs } = await pool.estimate(process.argv[2]);
console.log(`  ${width}x${height}, ${persons.length} person(s), infer ${timingsMs.infer.toFixed(1)} ms`);
for (const { score, keypoints } of persons) {
  console.log(`  score ${score.toFixed(2)}`);
  for (const name of ['nose', 'left_wrist', 'right_wrist', 'left_ankle', 'right_ankle']) {
    const row = skeleton.keypoints.indexOf(name) * 4;
    const [x, y, , visibility] = keypoints.subarray(row, row + 4);
    console.log(
      `    ${name.padEnd(12)} x ${x.toFixed(1)}  y ${y.toFixed(1)}  visibility ${visibility.toFixed(2)}`,
    );
  }
}
