// One way to hand a 1 MB image to Python, alone and under load. Usage: node bench/alternatives.mjs WAY PYTHON SECONDS
import { performance } from 'node:perf_hooks';
import { WAYS } from './peers/ways.mjs';

const [way, python, seconds] = process.argv.slice(2);
const WIDTH = 592;
const image = { data: Buffer.alloc(WIDTH * WIDTH * 3, 7), width: WIDTH, height: WIDTH };
const CALLERS_UNDER_LOAD = 4;

/** Calls by so many callers, each waiting for its answer before the next: milliseconds each, and calls per second. */
async function drive(send, callers) {
  const ms = [];
  const started = performance.now();
  const until = started + Number(seconds) * 1e3;
  const caller = async () => {
    do {
      const before = performance.now();
      const bytes = await send(image);
      if (bytes !== image.data.length)
        throw new Error(`${way} received ${bytes} bytes of ${image.data.length}`);
      ms.push(performance.now() - before);
    } while (performance.now() < until);
  };
  await Promise.all(Array.from({ length: callers }, caller));
  const callsPerS = (ms.length * 1e3) / (performance.now() - started);
  ms.sort((a, b) => a - b);
  const at = (share) => ms[Math.min(ms.length - 1, Math.floor(ms.length * share))];
  return { calls_per_s: callsPerS, p50_ms: at(0.5), p99_ms: at(0.99), calls: ms.length };
}

const { send, end } = await WAYS[way](python);
for (let call = 0; call < CALLERS_UNDER_LOAD; call++) await send(image);
const alone = await drive(send, 1);
const loaded = await drive(send, CALLERS_UNDER_LOAD);
await end();
console.log(JSON.stringify({ alone, loaded }));
