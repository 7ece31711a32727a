// The same daemon over the same frames without a client: the head of a request is made once, answers are not decoded.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { encode } from '@msgpack/msgpack';

const HEADER_BYTES = 16;
const TYPES = { init: 1, request: 2, ready: 18, result: 21 };
const META_IS_JSON = 2;

function head(type, flags, meta, bodyBytes) {
  const bytes = Buffer.alloc(HEADER_BYTES + meta.length);
  bytes.set([0xf7, 0xd1, type, flags]);
  bytes.writeUInt32BE(meta.length, 8);
  bytes.writeUInt32BE(bodyBytes, 12);
  bytes.set(meta, HEADER_BYTES);
  return bytes;
}

/** Start a daemon with the null estimator; `send` resolves with the answer to a request of these bytes. */
export async function bareConnection(python, params, data) {
  const child = spawn(python, ['-m', 'sidecar', '--wire', 'frames', '--log-level', 'WARNING'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let rest = Buffer.alloc(0);
  let waiting = Promise.withResolvers();
  child.stdout.on('data', (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= HEADER_BYTES) {
      const end = HEADER_BYTES + rest.readUInt32BE(8) + rest.readUInt32BE(12);
      if (rest.length < end) return;
      const type = rest[2];
      rest = rest.subarray(end);
      if (type === TYPES.ready || type === TYPES.result) waiting.resolve();
    }
  });
  const init = { protocol: 1, estimator: 'null', threads: 1 };
  child.stdin.write(head(TYPES.init, META_IS_JSON, Buffer.from(JSON.stringify(init)), 0));
  await waiting.promise;

  const request = { op: 'estimate', deadline_ms: 30_000, attempt: 1, params };
  const announced = head(TYPES.request, 0, encode(request), data.length);
  let id = 0;
  const send = () => {
    waiting = Promise.withResolvers();
    announced.writeUInt32BE(++id, 4);
    child.stdin.cork();
    child.stdin.write(announced);
    child.stdin.write(data);
    child.stdin.uncork();
    return waiting.promise;
  };
  const end = () => {
    child.stdin.end();
    return once(child, 'exit');
  };
  return { send, end };
}
