/** The Python that a new environment is made from. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export const OLDEST_PYTHON = [3, 11] as const;

/** A program that prints its version in two numbers, also under Python 2. */
const PRINT_VERSION = 'import sys; sys.stdout.write("%d.%d" % sys.version_info[:2])';
const VERSION_TIMEOUT_MS = 10_000;

export interface BasePython {
  readonly command: readonly string[];
  readonly version: string;
}

export type PythonSearch =
  | { readonly found: BasePython }
  | { readonly found: null; readonly rejected: readonly string[] };

/** Names worth trying, newest first; `py` is the launcher of Windows. */
export function basePythonNames(platform: NodeJS.Platform): readonly (readonly string[])[] {
  return platform === 'win32'
    ? [['py', '-3'], ['python']]
    : [['python3'], ['python3.13'], ['python3.12'], ['python3.11'], ['python']];
}

/** The first interpreter that is new enough. */
export async function findBasePython(names: readonly (readonly string[])[]): Promise<PythonSearch> {
  const rejected: string[] = [];
  for (const command of names) {
    const version = await pythonVersion(command);
    if (version !== null && isSupported(version)) return { found: { command, version } };
    rejected.push(`${command.join(' ')}: ${version === null ? 'does not start' : `is Python ${version}`}`);
  }
  return { found: null, rejected };
}

/** `3.11`, or null when the command is no Python. */
export async function pythonVersion(command: readonly string[]): Promise<string | null> {
  const [file = '', ...args] = command;
  try {
    const { stdout } = await promisify(execFile)(file, [...args, '-c', PRINT_VERSION], {
      timeout: VERSION_TIMEOUT_MS,
    });
    return /^\d+\.\d+$/.test(stdout) ? stdout : null;
  } catch {
    return null;
  }
}

export function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST_PYTHON[0] || (major === OLDEST_PYTHON[0] && minor >= OLDEST_PYTHON[1]);
}
