/** A host program whose pool lives in a worker thread: prints the daemons' pids, ends the thread when told, and goes on. */
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { PosePool } from '../../src/index.ts';
import { PYTHON, ROOT } from '../repository.ts';

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url));
  worker.on('message', (pids) => console.log(JSON.stringify(pids)));
  process.stdin.once('data', () => void worker.terminate());
} else {
  const pool = await PosePool.start({
    python: PYTHON,
    servicePath: ROOT,
    estimator: 'null',
    size: 1,
    log: () => {},
  });
  parentPort?.postMessage(pool.status().workers.flatMap(({ daemon }) => daemon?.pid ?? []));
  parentPort?.on('message', () => {});
}
