// Ways to hand an image to Python and wait for a word back, each with two processes: ours, and what a user would else take.
// Each resolves with `send`, which resolves with the number of bytes that arrived, and `end`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { PosePool } from '../../node-client/dist/index.js';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const INSTALLED = fileURLToPath(new URL('../../.peer/alternatives/', import.meta.url));
const PROCESSES = 2;
const START_MS = 30_000;

/** The pool; the raw pixels need no decoding, as with the others. */
async function poseSidecar(python) {
  const pool = await PosePool.start({
    python,
    estimator: 'null',
    size: PROCESSES,
    threads: 1,
    logLevel: 'WARNING',
  });
  while (pool.status().ready < PROCESSES) await new Promise((resolve) => setTimeout(resolve, 10));
  const send = async ({ data, width, height }) => {
    const result = await pool.estimate({ data, width, height, format: 'rgb24' });
    return result.width * result.height * 3;
  };
  return { send, end: () => pool.close() };
}

/** python-shell in its JSON mode, the image in base64, answers in order. */
async function pythonShell(python) {
  const { PythonShell } = createRequire(INSTALLED)('python-shell');
  const shells = Array.from({ length: PROCESSES }, () => {
    const shell = new PythonShell(join(HERE, 'jsonl_base64.py'), { mode: 'json', pythonPath: python });
    const waiting = [];
    shell.on('message', ({ bytes }) => waiting.shift()(bytes));
    return { shell, waiting };
  });
  let calls = 0;
  const send = ({ data }) =>
    new Promise((resolve) => {
      const { shell, waiting } = shells[++calls % PROCESSES];
      waiting.push(resolve);
      shell.send({ id: calls, body_b64: data.toString('base64') });
    });
  const end = () =>
    Promise.all(
      shells.map(
        ({ shell }) =>
          new Promise((resolve, reject) => {
            shell.end((error) => (error ? reject(error) : resolve()));
          }),
      ),
    );
  return { send, end };
}

/** FastAPI under uvicorn, from Node's own fetch, which keeps its connections. */
async function fastapi() {
  const port = await freePort();
  const python = join(INSTALLED, 'venv', process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const flags = ['-m', 'uvicorn', 'fastapi_app:app', '--app-dir', HERE, '--port', String(port)];
  flags.push('--workers', String(PROCESSES), '--no-access-log', '--log-level', 'warning');
  const server = spawn(python, flags, { stdio: ['ignore', 'inherit', 'inherit'] });
  const url = `http://127.0.0.1:${port}/estimate`;
  const send = async ({ data }) => {
    const form = new FormData();
    form.set('image', new Blob([data]), 'image');
    const response = await fetch(url, { method: 'POST', body: form });
    return (await response.json()).bytes;
  };
  await untilItAnswers(send);
  const end = () => {
    server.kill();
    return once(server, 'exit');
  };
  return { send, end };
}

/** A process for each call, at most two at a time; standard library only, so that it starts as fast as Python can. */
async function spawnPerCall(python) {
  const queue = [];
  let running = 0;
  const next = () => {
    while (running < PROCESSES && queue.length > 0) {
      running += 1;
      queue.shift()();
    }
  };
  const send = async ({ data }) => {
    await new Promise((resolve) => {
      queue.push(resolve);
      next();
    });
    const child = spawn(python, [join(HERE, 'jsonl_base64.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end(`${JSON.stringify({ id: 1, body_b64: data.toString('base64') })}\n`);
    const [line] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    running -= 1;
    next();
    return JSON.parse(line).bytes;
  };
  return { send, end: async () => {} };
}

export const WAYS = {
  pose_sidecar: poseSidecar,
  python_shell: pythonShell,
  fastapi,
  spawn_per_call: spawnPerCall,
};

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

async function untilItAnswers(send) {
  const endMs = performance.now() + START_MS;
  for (;;) {
    try {
      await send({ data: Buffer.alloc(1) });
      return;
    } catch (error) {
      if (performance.now() > endMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
