/** The command line: finds the command and turns its outcome into an exit code. */
import { PoseError } from '../errors.ts';
import { VERSION } from '../version.ts';
import { check } from './check.ts';
import { demoBreak } from './demo-break.ts';
import { doctor } from './doctor.ts';
import { findInstalledPython } from './installed-python.ts';
import { handOver, type Output } from './run-step.ts';
import { setup } from './setup.ts';
import { video } from './video.ts';

const HELP = `Usage: npx pose-sidecar COMMAND [OPTIONS]

  setup        make .venv, install the Python half into it, pull the weights, run the doctor
  check        start one daemon, run one real inference, say what works
  doctor       every finding about this machine with its fix
  video        poses and an overlay of a video or an image, by a pool: video INPUT --out DIR [--pool N]
  export       a result as COCO, OpenPose, MOT or CSV: export DIR --format F
  report       a result as one page to look at: report DIR
  sample       a video of mannequins, with the truth about them
  models       list, pull and verify weights
  demo-break   the previous service's failure beside ours: demo-break cv2

  --version    print ${VERSION}

COMMAND --help says more. Interpreters are looked for in this order: POSE_PYTHON, POSE_SERVICE_PATH,
.venv here or above, the active virtual environment, PATH.
`;

/** Handled by the Python half. */
const PASSED_THROUGH = new Set(['models', 'sample', 'export', 'report', 'import-tracks', 'where', 'replay']);

/** Exit code for a command line that makes no sense. */
const USAGE_ERROR = 2;

/** Returns the exit code. */
export async function main(
  argv: readonly string[],
  out: Output = process.stdout,
  err: Output = process.stderr,
): Promise<number> {
  const [command, ...rest] = argv;
  try {
    if (command === undefined || command === '--help' || command === '-h' || command === 'help') {
      out.write(HELP);
      return command === undefined ? USAGE_ERROR : 0;
    }
    if (command === '--version') {
      out.write(`${VERSION}\n`);
      return 0;
    }
    if (command === 'setup') return await setup(rest, out);
    if (command === 'check') return await check(rest, out);
    if (command === 'doctor') return await doctor(rest, out);
    if (command === 'video') return await video(rest, out, err);
    if (command === 'demo-break') return await demoBreak(rest, out);
    if (PASSED_THROUGH.has(command)) return await passThrough(command, rest);
    err.write(`pose-sidecar: no command '${command}'\n\n${HELP}`);
    return USAGE_ERROR;
  } catch (error) {
    if (isUsageError(error)) {
      err.write(`pose-sidecar ${command}: ${error.message}\n`);
      return USAGE_ERROR;
    }
    if (!(error instanceof PoseError)) throw error;
    err.write(`${error.message}\n`);
    return 1;
  }
}

async function passThrough(command: string, rest: readonly string[]): Promise<number> {
  const around = { env: process.env, cwd: process.cwd(), platform: process.platform };
  const python = await findInstalledPython(around);
  return handOver([python.path, '-m', 'sidecar', command, ...rest], python.env);
}

function isUsageError(error: unknown): error is Error {
  return (
    error instanceof TypeError && String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS')
  );
}
