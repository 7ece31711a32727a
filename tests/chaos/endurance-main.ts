/** Entry for `scripts/bench endurance`: node --expose-gc endurance-main.ts PYTHON CALLS RESTARTS, prints one JSON object. */
import { endure } from './endure.ts';

const [python = '', calls, restarts] = process.argv.slice(2);
const report = await endure({ calls: Number(calls), restarts: Number(restarts) }, { python });
console.log(JSON.stringify(report));
