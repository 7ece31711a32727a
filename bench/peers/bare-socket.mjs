// The floor, seen from Node: the image up, eight bytes down, no framing.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A peer that answers every `bytes` it gets; `send` resolves with the answer, `end` when it has ended. */
export function bareSocket(python, bytes) {
  const program = fileURLToPath(new URL('./bare_socket.py', import.meta.url));
  const child = spawn(python, [program, String(bytes)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = [];
  let received = 0;
  child.stdout.on('data', (chunk) => {
    received += chunk.length;
    for (; received >= 8; received -= 8) waiting.shift()();
  });
  const send = (data) =>
    new Promise((resolve) => {
      waiting.push(resolve);
      child.stdin.write(data);
    });
  const end = () => new Promise((resolve) => child.once('exit', resolve).stdin.end());
  return { send, end };
}
