/** A host program for the orphan tests: starts a pool, prints the daemons' pids, ends as told. */
import { PosePool } from '../../src/index.ts';
import { PYTHON, ROOT } from '../repository.ts';

const pool = await PosePool.start({ python: PYTHON, servicePath: ROOT, estimator: 'null', size: 1 });
console.log(JSON.stringify(pool.status().workers.flatMap(({ daemon }) => daemon?.pid ?? [])));
process.stdin.once('data', () => {
  if (process.argv[2] === 'exit') process.exit(0);
  throw new Error('the host was told to throw');
});
