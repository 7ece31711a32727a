/** Entry: `node gateway/test/chaos/main.ts [flags]`. Exit code 1 when a promise was broken. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { killJobs } from './kill-jobs.ts';
import { toLine, violations } from './report.ts';

const USAGE = `Usage: node gateway/test/chaos/main.ts [flags]    kill gateways or daemons while jobs run
  --victims NAME   gateway or daemons (default gateway)
  --kills N        (default 50)
  --jobs N         (default 20)
  --hosts N        gateways on one store (default 2)
  --seed N         of the moments and the victims (default 1)
  --seconds N      of each video (default 6)
  --delay-ms N     how long a frame takes (default 15)`;

const { values } = parseArgs({
  options: {
    victims: { type: 'string', default: 'gateway' },
    kills: { type: 'string', default: '50' },
    jobs: { type: 'string', default: '20' },
    hosts: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '6' },
    'delay-ms': { type: 'string', default: '15' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

if (values.help) console.log(USAGE);
else {
  const folder = mkdtempSync(join(tmpdir(), 'pose-kill-'));
  const report = await killJobs({
    folder,
    victims: values.victims === 'daemons' ? 'daemons' : 'gateway',
    kills: Number(values.kills),
    jobs: Number(values.jobs),
    hosts: Number(values.hosts),
    seed: Number(values.seed),
    seconds: Number(values.seconds),
    delayMs: Number(values['delay-ms']),
  });
  console.log(toLine(report));
  for (const broken of violations(report)) {
    console.error(`broken promise: ${broken} (see ${folder})`);
    process.exitCode = 1;
  }
  if (process.exitCode !== 1) rmSync(folder, { recursive: true });
}
