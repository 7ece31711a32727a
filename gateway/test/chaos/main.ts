/** Entry: `node gateway/test/chaos/main.ts [flags]`. Exit code 1 when a promise was broken. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type ChaosSettings, killJobs } from './kill-jobs.ts';
import { toLine, violations } from './report.ts';

const USAGE = `Usage: node gateway/test/chaos/main.ts [flags]    kill gateways or daemons while jobs run
  --victims NAME   gateway or daemons (default gateway)
  --kills N        (default 50)
  --jobs N         (default 20)
  --hosts N        gateways on one store (default 2)
  --seed N         of the moments and the victims (default 1)
  --seconds N      of each video (default 12)
  --delay-ms N     how long a frame takes (default 15)`;

const { values } = parseArgs({
  options: {
    victims: { type: 'string', default: 'gateway' },
    kills: { type: 'string', default: '50' },
    jobs: { type: 'string', default: '20' },
    hosts: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '12' },
    'delay-ms': { type: 'string', default: '15' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

/** Throws with what is wrong. */
function integer(name: keyof typeof values, minimum: number): number {
  const text = String(values[name]);
  if (/^\d+$/.test(text) && Number(text) >= minimum && Number(text) <= 1_000) return Number(text);
  throw new Error(`--${name} must be an integer from ${minimum} to 1000, got ${text}`);
}

function victims(): ChaosSettings['victims'] {
  const name = values.victims;
  if (name === 'gateway' || name === 'daemons') return name;
  throw new Error(`--victims must be gateway or daemons, got ${name}`);
}

if (values.help) console.log(USAGE);
else {
  const settings = {
    victims: victims(),
    kills: integer('kills', 0),
    jobs: integer('jobs', 1),
    hosts: integer('hosts', 1),
    seed: integer('seed', 0),
    seconds: integer('seconds', 1),
    delayMs: integer('delay-ms', 0),
  };
  const folder = mkdtempSync(join(tmpdir(), 'pose-kill-'));
  const report = await killJobs({ folder, ...settings });
  console.log(toLine(report));
  for (const broken of violations(report)) {
    console.error(`broken promise: ${broken} (see ${folder})`);
    process.exitCode = 1;
  }
  if (process.exitCode !== 1) rmSync(folder, { recursive: true });
}
