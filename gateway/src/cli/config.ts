/** `pose-gateway config`: the options in force, and where each of them comes from. */
import { effectiveValues, optionHelp } from '../config/describe.ts';
import { resolveConfig } from '../config/resolve.ts';
import { FINISHED, USAGE } from './exit-codes.ts';

const HELP = `Usage: pose-gateway config [options of serve]

Check the configuration as \`serve\` would and print every value with its source. Exit code 0: valid; 2: not.

Options:
${optionHelp()}`;

/** Returns the exit code. */
export function config(argv: readonly string[]): number {
  if (argv.includes('--help') || argv.includes('-h')) {
    console.log(HELP);
    return FINISHED;
  }
  try {
    console.log(effectiveValues(resolveConfig(argv)).join('\n'));
    return FINISHED;
  } catch (error) {
    console.error(`pose-gateway config: ${(error as Error).message}`);
    return USAGE;
  }
}
