// A burst of frames: through a warm pool of two, with the pool's start, and with a process for each, two at a time.
// Usage: node bench/burst.mjs PYTHON FOLDER RUNS    prints one JSON object
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { text } from 'node:stream/consumers';
import { PosePool } from '../node-client/dist/index.js';

const [python, folder, runs] = process.argv.slice(2);
const AT_A_TIME = 2;
const options = { python, size: AT_A_TIME, threads: 1, logLevel: 'WARNING' };
const frames = readdirSync(folder)
  .sort()
  .map((name) => readFileSync(join(folder, name)));

/** How many persons each frame shows, all frames at once. */
async function through(pool) {
  const results = await Promise.all(frames.map((frame) => pool.estimate(frame)));
  return results.map(({ persons }) => persons.length);
}

async function cold() {
  const pool = await PosePool.start(options);
  const persons = await through(pool);
  return { persons, close: () => pool.close() };
}

/** As the previous service did it: start Python, load the model, answer one frame, end. */
async function inItsOwnProcess(frame) {
  const flags = ['-m', 'sidecar', '--threads', '1', '--log-level', 'WARNING'];
  const child = spawn(python, flags, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(`${JSON.stringify({ type: 'frame', id: 1, body_b64: frame.toString('base64') })}\n`);
  const [lines] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  const messages = lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return messages.find(({ type }) => type === 'result').persons.length;
}

async function spawnPerFrame() {
  const persons = [];
  let next = 0;
  const lane = async () => {
    while (next < frames.length) {
      const index = next++;
      persons[index] = await inItsOwnProcess(frames[index]);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, lane));
  return { persons };
}

const pool = await PosePool.start(options);
await through(pool);
const ways = {
  spawn_per_frame: spawnPerFrame,
  warm: async () => ({ persons: await through(pool) }),
  cold,
};
await spawnPerFrame();
const seconds = { spawn_per_frame: [], warm: [], cold: [] };
const found = new Set();
for (let run = 0; run < Number(runs); run++) {
  for (const [way, send] of Object.entries(ways)) {
    const started = performance.now();
    const { persons, close } = await send();
    seconds[way].push((performance.now() - started) / 1e3);
    found.add(JSON.stringify(persons));
    await close?.();
  }
}
await pool.close();
if (found.size !== 1) throw new Error(`the ways found different persons: ${[...found].join(' and ')}`);
console.log(JSON.stringify({ seconds, persons: JSON.parse([...found][0]) }));
