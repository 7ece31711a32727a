/** `pose-gateway serve`: the gateway until a signal ends it. */
import { PoseError } from 'pose-sidecar';
import { optionHelp } from '../config/describe.ts';
import { resolveConfig } from '../config/resolve.ts';
import { Gateway } from '../gateway.ts';
import { openLog } from '../log/logger.ts';
import { FAILED, FINISHED, NOT_READY, USAGE } from './exit-codes.ts';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

const HELP = `Usage: pose-gateway serve [options]

Serve poses over HTTP until SIGINT or SIGTERM. Flags win over the environment, the environment over the file.

Options:
${optionHelp()}

Exit code 0: ended by a signal; 1: failed, for instance because a port is taken; 2: wrong options; 3: no daemon can be
started (not with --stay-up).`;

/** Returns the exit code. */
export async function serve(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    console.log(HELP);
    return FINISHED;
  }
  let resolved: ReturnType<typeof resolveConfig>;
  try {
    resolved = resolveConfig(argv);
  } catch (error) {
    console.error(`pose-gateway: ${(error as Error).message}`);
    return USAGE;
  }
  const { log, close } = openLog(resolved.config);
  const { promise: ended, resolve: end } = Promise.withResolvers<number>();
  const onSignal = (signal: NodeJS.Signals) => {
    log.info(`${signal}: ending`);
    end(FINISHED);
  };
  for (const signal of SIGNALS) process.once(signal, onSignal);
  try {
    await using gateway = await Gateway.start(resolved, log);
    gateway.onHopeless((error) => {
      if (resolved.config.stayUp) return;
      log.fatal({ code: error.code }, `no daemon can be started: ${error.message}`);
      end(NOT_READY);
    });
    return await ended;
  } catch (error) {
    const isKnown = error instanceof PoseError;
    log.fatal(
      isKnown ? { code: error.code } : { err: error },
      `the gateway cannot start: ${(error as Error).message}`,
    );
    return FAILED;
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
    close();
  }
}
