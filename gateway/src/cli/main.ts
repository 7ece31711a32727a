/** `pose-gateway`: one command per thing that an operator does. */
import { VERSION } from '../version.ts';
import { FINISHED, USAGE } from './exit-codes.ts';

const HELP = `pose-gateway ${VERSION}: human pose over HTTP, with durable jobs.

Usage:
  pose-gateway serve [options]                      serve until SIGINT or SIGTERM
  pose-gateway jobs list|show|retry|cancel [ID]     look after jobs, whether the gateway runs or not
  pose-gateway config [options]                     check the configuration and print it
  pose-gateway --version

Each command answers --help.`;

/** Returns the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const [command, ...rest] = argv;
  switch (command) {
    case 'serve':
      return (await import('./serve.ts')).serve(rest);
    case 'jobs':
      return (await import('./jobs.ts')).jobs(rest);
    case 'config':
      return (await import('./config.ts')).config(rest);
    case '--version':
      console.log(VERSION);
      return FINISHED;
    case '--help':
    case '-h':
    case 'help':
      console.log(HELP);
      return FINISHED;
    default:
      console.error(command === undefined ? HELP : `pose-gateway: there is no command ${command}\n\n${HELP}`);
      return USAGE;
  }
}
