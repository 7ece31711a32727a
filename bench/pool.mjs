// What the pool adds to a call, and what goes through it: against the bare connection, in megabytes, in images.
// Usage: node bench/pool.mjs PYTHON FOLDER_OF_JPEGS RUNS    prints one JSON object
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { PosePool } from '../node-client/dist/index.js';
import { bareConnection } from './peers/bare-connection.mjs';
import { bareSocket } from './peers/bare-socket.mjs';

const [python, folder, runs] = process.argv.slice(2);
const nobody = { python, estimator: 'null', threads: 1, logLevel: 'WARNING' };
const rounds = Array.from({ length: Number(runs) });

const raw = (width, height) => ({
  data: Buffer.alloc(width * height * 3, 7),
  width,
  height,
  format: 'rgb24',
});
const SMALL = raw(192, 176); // 101,376 bytes
const MEGABYTE = raw(592, 592); // 1,051,392 bytes
const CALLS = 1000;
const STREAM_MS = 1000;
/** Enough that no worker waits for the next request: each takes two at once. */
const LANES = 8;
const IMAGES = 160;

/** Milliseconds of one round trip. */
async function timed(send) {
  const before = performance.now();
  await send();
  return performance.now() - before;
}

/** Round trips of each way in turn, call by call, so that whatever slows the machine slows them all. */
async function overhead() {
  await using pool = await PosePool.start({ ...nobody, size: 1 });
  const { data, ...params } = SMALL;
  const connection = await bareConnection(python, params, data);
  const socket = bareSocket(python, data.length);
  const ways = {
    pool: () => pool.estimate(SMALL),
    connection: () => connection.send(),
    socket: () => socket.send(data),
  };
  const samples = { pool: [], connection: [], socket: [] };
  for (let call = -CALLS / 5; call < CALLS * rounds.length; call++) {
    for (const [way, send] of Object.entries(ways)) {
      const ms = await timed(send);
      if (call >= 0) samples[way].push(ms);
    }
  }
  await Promise.all([connection.end(), socket.end()]);
  return samples;
}

/** Calls per second that `lanes` callers get through the pool in the given time. */
async function callsPerSecond(pool, image, lanes, forMs) {
  let calls = 0;
  const started = performance.now();
  const lane = async () => {
    while (performance.now() - started < forMs) {
      await pool.estimate(image);
      calls += 1;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return (calls * 1e3) / (performance.now() - started);
}

async function megabytesPerSecond() {
  await using pool = await allReady({ ...nobody, size: 2 });
  await callsPerSecond(pool, MEGABYTE, LANES, STREAM_MS / 4);
  const samples = [];
  for (const _ of rounds) {
    samples.push((await callsPerSecond(pool, MEGABYTE, LANES, STREAM_MS)) * (MEGABYTE.data.length / 1e6));
  }
  return samples;
}

async function imagesPerSecond(pool, images) {
  const started = performance.now();
  await Promise.all(images.map((image) => pool.estimate(image)));
  return (images.length * 1e3) / (performance.now() - started);
}

/** One worker and two, one inference thread in each daemon, in turn. */
async function scaling() {
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
  const images = Array.from({ length: IMAGES }, (_, index) => files[index % files.length]);
  const options = { python, threads: 1, logLevel: 'WARNING' };
  await using one = await allReady({ ...options, size: 1 });
  await using two = await allReady({ ...options, size: 2 });
  const samples = { one: [], two: [] };
  for (const pool of [one, two]) await imagesPerSecond(pool, images.slice(0, 20));
  for (const _ of rounds) {
    samples.one.push(await imagesPerSecond(one, images));
    samples.two.push(await imagesPerSecond(two, images));
  }
  return samples;
}

/** `start` resolves with the first daemon; here all must be there. */
async function allReady(options) {
  const pool = await PosePool.start(options);
  while (pool.status().ready < options.size) await new Promise((resolve) => setTimeout(resolve, 10));
  return pool;
}

console.log(
  JSON.stringify({
    round_trip_ms: await overhead(),
    mb_per_s: await megabytesPerSecond(),
    images_per_s: await scaling(),
  }),
);
