// Round trips of image-sized bodies from Node: JSON line + base64, our frames, and the bare socket pair, in one run.
// Usage: node bench/transport.mjs PYTHON SECONDS    prints one JSON object
import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { Sidecar } from '../node-client/dist/index.js';
import { bareSocket } from './peers/bare-socket.mjs';

const [python, seconds = '1'] = process.argv.slice(2);
const BODIES = [
  ['64 B', 5, 4],
  ['100 kB', 192, 176],
  ['1 MB', 592, 592],
  ['720p raw', 1280, 720],
  ['1080p raw', 1920, 1080],
];
const peer = (name, ...args) => {
  const child = spawn(python, [new URL(`peers/${name}.py`, import.meta.url).pathname, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const end = () => new Promise((resolve) => child.once('exit', resolve).stdin.end());
  return { child, end };
};

/** JSON line with base64 up, JSON line down; replies come in order. */
function jsonLines() {
  const { child, end } = peer('jsonl_base64');
  const waiting = [];
  let rest = '';
  let id = 0;
  child.stdout.setEncoding('utf8').on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) waiting.shift()(JSON.parse(line));
  });
  const send = (data) =>
    new Promise((resolve) => {
      waiting.push(resolve);
      child.stdin.write(`${JSON.stringify({ id: ++id, body_b64: data.toString('base64') })}\n`);
    });
  return { send, end };
}

/** Round trips for the given time with `window` in flight: milliseconds each, and bytes per second. */
async function drive(send, data, window) {
  await send(data);
  const samples = [];
  const started = performance.now();
  const until = started + Number(seconds) * 1e3;
  const lane = async () => {
    while (performance.now() < until) {
      const before = performance.now();
      await send(data);
      samples.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: window }, lane));
  samples.sort((a, b) => a - b);
  const mbPerSecond = (samples.length * data.length) / (performance.now() - started) / 1e3;
  return { p50_ms: samples[samples.length >> 1], mb_per_s: mbPerSecond };
}

const daemon = await Sidecar.start({ python, estimator: 'null', threads: 1, logLevel: 'WARNING' });
const rows = [];
for (const [name, width, height] of BODIES) {
  const data = Buffer.alloc(width * height * 3, 7);
  const jsonl = jsonLines();
  const bare = bareSocket(python, data.length);
  const ways = {
    jsonl_base64: jsonl.send,
    frames: (body) => daemon.estimate({ data: body, width, height, format: 'rgb24' }),
    bare_socket: bare.send,
  };
  for (const window of [1, 4]) {
    const row = { body: name, bytes: data.length, window };
    for (const [way, send] of Object.entries(ways)) row[way] = await drive(send, data, window);
    rows.push(row);
  }
  await Promise.all([jsonl.end(), bare.end()]);
}
await daemon.close();
console.log(JSON.stringify(rows));
