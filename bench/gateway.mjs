// A picture over HTTP beside the same picture in the gateway's own pool, and beside a peer of the previous service's shape.
// Usage: node bench/gateway.mjs PYTHON FOLDER_OF_JPEGS RUNS [PEER_URL]    prints one JSON object
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Gateway, openLog, resolveConfig } from '../gateway/dist/index.js';

const [python, folder, runs, peerUrl] = process.argv.slice(2);
const rounds = Array.from({ length: Number(runs) });
const CALLS = 100;
const WARM_UP = 10;
const LANES = 8;
const STREAM_MS = 3_000;
const SIZE = 2;

const pictures = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
const bodies = pictures.map((bytes) =>
  Buffer.from(JSON.stringify({ image_base64: bytes.toString('base64'), frame_number: 0 })),
);
const agent = new Agent({ keepAlive: true, maxSockets: LANES });

/** The people that an answer has; anything but 200 ends the run. */
function post(url, body) {
  const { promise, resolve, reject } = Promise.withResolvers();
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  const sent = request(`${url}/pose/hybrid`, { method: 'POST', agent, headers }, (answer) => {
    let text = '';
    answer.setEncoding('utf8');
    answer.on('data', (chunk) => (text += chunk));
    answer.on('end', () => {
      if (answer.statusCode === 200) resolve(JSON.parse(text).keypoints.length > 0);
      else reject(new Error(`${url}: ${answer.statusCode} ${text.slice(0, 300)}`));
    });
  });
  sent.on('error', reject).end(body);
  return promise;
}

/** Milliseconds of single calls, all ways in turn, so that whatever slows the machine slows them all. */
async function roundTrips(ways) {
  const samples = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (let call = -WARM_UP; call < CALLS * rounds.length; call += 1) {
    for (const [name, send] of Object.entries(ways)) {
      const before = performance.now();
      await send(Math.max(call, 0) % pictures.length);
      if (call >= 0) samples[name].push(performance.now() - before);
    }
  }
  return samples;
}

/** Pictures per second that eight callers at once get through, by way and round. */
async function throughput(ways) {
  const samples = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (const _ of rounds) {
    for (const [name, send] of Object.entries(ways)) {
      let calls = 0;
      const started = performance.now();
      const lane = async () => {
        while (performance.now() - started < STREAM_MS) await send(calls++ % pictures.length);
      };
      await Promise.all(Array.from({ length: LANES }, lane));
      samples[name].push((calls * 1e3) / (performance.now() - started));
    }
  }
  return samples;
}

const dataDir = mkdtempSync(join(tmpdir(), 'pose-bench-'));
const places = [
  '--host',
  '127.0.0.1',
  '--port',
  '0',
  '--data-dir',
  dataDir,
  '--log-dir',
  join(dataDir, 'logs'),
];
const resolved = resolveConfig(
  [...places, '--python', python, '--pool-size', String(SIZE), '--requests-per-minute', '100000000'],
  {},
);
const { log, close } = openLog(resolved.config, { write: () => {} });
const gateway = await Gateway.start(resolved, log);
try {
  const { pool } = gateway.service;
  while (pool.status().ready < SIZE) await new Promise((resolve) => setTimeout(resolve, 20));
  const [url] = gateway.urls;
  const ways = {
    pool: async (index) => (await pool.estimate(pictures[index])).persons.length > 0,
    gateway: (index) => post(url, bodies[index]),
    ...(peerUrl === undefined ? {} : { peer: (index) => post(peerUrl, bodies[index]) }),
  };
  const found = {};
  for (const [name, send] of Object.entries(ways)) {
    found[name] = 0;
    for (const index of pictures.keys()) found[name] += Number(await send(index));
  }
  console.log(
    JSON.stringify({ found, round_trip_ms: await roundTrips(ways), pictures_per_s: await throughput(ways) }),
  );
} finally {
  agent.destroy();
  await gateway.close();
  close();
  rmSync(dataDir, { recursive: true, force: true });
}
