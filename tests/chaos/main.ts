/** Entry: `scripts/chaos [flags]`. Exit code 1 when a promise was broken, 2 for a wrong flag. */
import { toLine, violations } from './report.ts';
import { runChaos } from './run.ts';
import { readSettings, USAGE } from './settings.ts';

function settings(): ReturnType<typeof readSettings> {
  try {
    return readSettings(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
    process.exit(2);
  }
}

const given = settings();
if (given === null) console.log(USAGE);
else {
  for (const policy of given.policies) {
    const report = await runChaos(policy, given);
    console.log(given.json ? JSON.stringify(report) : toLine(report));
    for (const broken of violations(report)) {
      console.error(`${policy}: broken promise: ${broken}`);
      process.exitCode = 1;
    }
  }
}
