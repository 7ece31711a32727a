/** `pose-sidecar setup`: a virtual environment with the Python half of this very version, its weights, a check. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { venvPython } from '../process/discover.ts';
import { VERSION } from '../version.ts';
import { basePythonNames, findBasePython, isSupported, OLDEST_PYTHON, pythonVersion } from './base-python.ts';
import { type Output, runStep } from './run-step.ts';
import { carriedWheel } from './wheel.ts';

export const SETUP_HELP = `Usage: npx pose-sidecar setup [--venv DIR] [--python INTERPRETER] [--no-models]

Makes DIR (default .venv), installs pose-sidecar ${VERSION} for Python into it from this npm package,
pulls the default model's weights and runs the doctor. Running it again is safe.

  --venv DIR            environment to make or to use (default .venv)
  --python INTERPRETER  Python to make it from (default: the first of python3, python3.13 … that is new enough)
  --no-models           leave the weights for later (python -m sidecar models pull)
`;

const OLDEST = OLDEST_PYTHON.join('.');

/** Returns the exit code. */
export async function setup(argv: readonly string[], out: Output, wheel = carriedWheel()): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      venv: { type: 'string', default: '.venv' },
      python: { type: 'string' },
      'no-models': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    out.write(SETUP_HELP);
    return 0;
  }
  if (wheel === null) {
    out.write(
      'This copy of the npm package carries no Python half: in a checkout run scripts/setup instead.\n',
    );
    return 1;
  }
  const venv = resolve(values.venv);
  const python = venvPython(venv, process.platform);
  const refusal = existsSync(python)
    ? await existingIsUnfit(venv, python)
    : await make(venv, values.python, out);
  if (refusal !== null) {
    out.write(`${refusal}\n`);
    return 1;
  }
  const steps: [title: string, ...command: string[]][] = [
    [
      `pose-sidecar ${VERSION} into ${venv}`,
      python,
      '-m',
      'pip',
      'install',
      '--disable-pip-version-check',
      wheel,
    ],
  ];
  if (!values['no-models']) steps.push(['Weights', python, '-P', '-m', 'sidecar', 'models', 'pull']);
  steps.push(['Doctor', python, '-P', '-m', 'sidecar', 'doctor']);
  for (const [title, ...command] of steps) {
    const exitCode = await runStep(title, command, out);
    if (exitCode !== 0) {
      out.write(
        `\n${title} failed (exit code ${exitCode}). When mended, run npx pose-sidecar setup again.\n`,
      );
      return exitCode;
    }
  }
  out.write(`\nReady: PosePool.start() finds ${python} from here and from the folders below.\n`);
  return 0;
}

/** Returns why an existing environment cannot be used, or null. */
async function existingIsUnfit(venv: string, python: string): Promise<string | null> {
  const version = await pythonVersion([python]);
  if (version !== null && isSupported(version)) return null;
  const fault =
    version === null ? 'holds a Python that does not start' : `is Python ${version}, older than ${OLDEST}`;
  return `${venv} ${fault}. Remove it, or pass --venv with another name.`;
}

/** Returns why no environment could be made, or null. */
async function make(venv: string, python: string | undefined, out: Output): Promise<string | null> {
  const search = await findBasePython(python === undefined ? basePythonNames(process.platform) : [[python]]);
  if (search.found === null) {
    const tried = search.rejected.map((line) => `  ${line}`).join('\n');
    return `No Python ${OLDEST} or newer was found:\n${tried}\nInstall one, or pass --python INTERPRETER.`;
  }
  const { command, version } = search.found;
  const exitCode = await runStep(`${venv} with Python ${version}`, [...command, '-m', 'venv', venv], out);
  if (exitCode === 0) return null;
  return `Making ${venv} failed (exit code ${exitCode}). On Debian and Ubuntu: apt install python3-venv.`;
}
