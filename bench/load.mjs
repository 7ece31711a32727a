// Clients that ask a gateway all it offers, each the next question as soon as it has its answer.
// Usage: node bench/load.mjs URL VIDEO FOLDER_OF_JPEGS DONE_JOB CLIENTS SECONDS    prints one JSON object
import { readdirSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

const [url, video, folder, doneJob, clients, seconds] = process.argv.slice(2);
const { hostname, port } = new URL(url);
const agent = new Agent({ keepAlive: true, maxSockets: Number(clients) });
const SEED = 20_250_101;
/** Milliseconds without an answer after which a request counts as lost. */
const LOST_MS = 30_000;
/** Jobs that clients have submitted and look at; the oldest are cancelled when there are more. */
const KEPT_JOBS = 20;

const pictures = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
const hybrids = pictures.map((bytes) =>
  Buffer.from(JSON.stringify({ image_base64: bytes.toString('base64'), frame_number: 0 })),
);
const submission = Buffer.from(JSON.stringify({ video_path: video, overlay: false, force: true }));
const JSON_BODY = { 'content-type': 'application/json' };
const JPEG_BODY = { 'content-type': 'image/jpeg' };

const jobs = [];
const random = numbers(SEED);
const any = (list) => list[Math.floor(random() * list.length)];
const job = () => any(jobs) ?? doneJob;

/** What clients ask, and how often of a hundred times. */
const QUESTIONS = {
  'GET /livez': [20, () => ['GET', '/livez']],
  'GET /readyz': [10, () => ['GET', '/readyz']],
  'GET /health': [10, () => ['GET', '/health']],
  'GET /api/pose/pool-status': [4, () => ['GET', '/api/pose/pool-status']],
  'GET /metrics': [4, () => ['GET', '/metrics']],
  'GET /v1/stats': [4, () => ['GET', '/v1/stats']],
  'POST /v1/jobs': [2, () => ['POST', '/v1/jobs', submission, JSON_BODY]],
  'GET /v1/jobs': [6, () => ['GET', '/v1/jobs?limit=20']],
  'GET /v1/jobs/:id': [16, () => ['GET', `/v1/jobs/${job()}`]],
  'DELETE /v1/jobs/:id': [2, () => ['DELETE', `/v1/jobs/${jobs.length > KEPT_JOBS ? jobs.shift() : job()}`]],
  'GET /v1/jobs/:id/frames': [4, () => ['GET', `/v1/jobs/${doneJob}/frames`]],
  'GET /': [6, () => ['GET', '/']],
  'GET /nowhere': [6, () => ['GET', '/nowhere']],
  'GET /v1/jobs/:unknown': [6, () => ['GET', '/v1/jobs/nobody']],
};
/** What every fifth client asks: daemons take their time, so whoever asks for both would ask for little else. */
const PICTURES = {
  'POST /pose/hybrid': [50, () => ['POST', '/pose/hybrid', any(hybrids), JSON_BODY]],
  'POST /v1/frames': [50, () => ['POST', '/v1/frames', any(pictures), JPEG_BODY]],
};
const EVERY = { ...QUESTIONS, ...PICTURES };
const heard = Object.fromEntries(Object.keys(EVERY).map((name) => [name, { statuses: {}, ms: [] }]));
const refusals = {};
let isOver = false;

/** The same numbers from 0 to 1 for the same seed (mulberry32, public domain). */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Resolves to a status, or to what went wrong; texts are kept only where they are short and needed. */
function ask([method, path, body, headers = {}], onText) {
  const { promise, resolve } = Promise.withResolvers();
  const length = body === undefined ? {} : { 'content-length': body.length };
  const sent = request(
    { hostname, port, method, path, agent, timeout: LOST_MS, headers: { ...headers, ...length } },
    (answer) => {
      const needsText = onText !== undefined && (answer.statusCode === 202 || answer.statusCode >= 500);
      const chunks = [];
      answer.on('data', (chunk) => needsText && chunks.push(chunk));
      answer.on('end', () => {
        if (needsText) onText(answer.statusCode, Buffer.concat(chunks).toString());
        resolve(String(answer.statusCode));
      });
      answer.on('error', (error) => resolve(error.code ?? 'broken'));
    },
  );
  sent.on('timeout', () => sent.destroy(Object.assign(new Error('no answer'), { code: 'lost' })));
  sent.on('error', (error) => resolve(error.code ?? 'broken'));
  sent.end(body);
  return promise;
}

async function client(_, index) {
  const questions = index % 5 === 0 ? PICTURES : QUESTIONS;
  const names = Object.entries(questions).flatMap(([name, [share]]) => Array(share).fill(name));
  while (!isOver) {
    const name = any(names);
    const question = questions[name][1]();
    const before = performance.now();
    const status = await ask(question, (code, text) => {
      if (code === 202) jobs.push(JSON.parse(text).id);
      else
        refusals[`${code} ${JSON.parse(text).code}`] =
          (refusals[`${code} ${JSON.parse(text).code}`] ?? 0) + 1;
    });
    const { statuses, ms } = heard[name];
    ms.push(performance.now() - before);
    statuses[status] = (statuses[status] ?? 0) + 1;
  }
}

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
setTimeout(() => {
  isOver = true;
}, Number(seconds) * 1e3);
await Promise.all(Array.from({ length: Number(clients) }, client));
delay.disable();
agent.destroy();
console.log(
  JSON.stringify({
    heard,
    refusals,
    own_delay_ms: { p50: delay.percentile(50) / 1e6, p99: delay.percentile(99) / 1e6 },
  }),
);
