/** Which Python interpreter to start, and why the others are not it. */
import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import type { RejectedCandidate } from '../errors.ts';

/** An interpreter that is there and may be tried. */
export interface Candidate {
  readonly source: string;
  readonly path: string;
  /** Directory with the `sidecar` package to put on PYTHONPATH, for a checkout. */
  readonly servicePath?: string;
}

/** Everything discovery looks at, so that a test can set the scene. */
export interface Surroundings {
  /** The `python` option: taken as it is, nothing else is tried. */
  readonly python?: string | undefined;
  /** The `servicePath` option; wins over POSE_SERVICE_PATH. */
  readonly servicePath?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly platform: NodeJS.Platform;
}

export interface Candidates {
  /** In the order in which they are tried. */
  readonly usable: readonly Candidate[];
  readonly rejected: readonly RejectedCandidate[];
}

/**
 * List interpreters: explicit, POSE_PYTHON, POSE_SERVICE_PATH, project `.venv`, active venv, PATH.
 *
 * The first two name one interpreter, so they are never passed over for another. The rest are places to look:
 * one without pose-sidecar in it is passed over with a reason.
 */
export function findCandidates(around: Surroundings): Candidates {
  const named = namedInterpreter(around);
  const listed = named === null ? places(around) : [named];
  const usable = new Map<string, Candidate>();
  const rejected: RejectedCandidate[] = [];
  for (const candidate of listed) {
    const reason = 'reason' in candidate ? candidate.reason : whyNotExecutable(candidate.path);
    if (reason !== null) rejected.push({ source: candidate.source, path: candidate.path, reason });
    else if (!usable.has(candidate.path)) usable.set(candidate.path, candidate);
  }
  return { usable: [...usable.values()], rejected };
}

/** `bin/python` of a virtual environment. */
export function venvPython(venv: string, platform: NodeJS.Platform): string {
  return platform === 'win32' ? join(venv, 'Scripts', 'python.exe') : join(venv, 'bin', 'python');
}

function namedInterpreter({ python, servicePath, env, cwd }: Surroundings): Candidate | null {
  const service = serviceOf(servicePath, env);
  const checkout =
    service !== null && isFile(join(service, 'sidecar', '__main__.py')) ? { servicePath: service } : {};
  if (python !== undefined) return { source: 'option python', path: located(python, env, cwd), ...checkout };
  const named = env.POSE_PYTHON;
  return named ? { source: 'POSE_PYTHON', path: located(named, env, cwd), ...checkout } : null;
}

function* places({
  servicePath,
  env,
  cwd,
  platform,
}: Surroundings): Generator<Candidate | RejectedCandidate> {
  const service = serviceOf(servicePath, env);
  if (service !== null) {
    const source = servicePath === undefined ? 'POSE_SERVICE_PATH' : 'option servicePath';
    const checkout = isFile(join(service, 'sidecar', '__main__.py')) ? { servicePath: service } : {};
    for (const venv of ['.venv', 'venv']) {
      yield { source, path: venvPython(join(service, venv), platform), ...checkout };
    }
  }
  for (const directory of upwards(cwd)) {
    const venv = join(directory, '.venv');
    if (!isDirectory(venv)) continue;
    const path = venvPython(venv, platform);
    if (mayBePlanted(directory, venv)) {
      yield { source: 'project .venv', path, reason: 'anyone may write where it lies, and it is not yours' };
    } else yield { source: 'project .venv', path };
  }
  const active = env.VIRTUAL_ENV;
  if (active) yield { source: 'active venv', path: venvPython(active, platform) };
  for (const name of platform === 'win32' ? ['python.exe', 'python3.exe'] : ['python3', 'python']) {
    const path = onPath(name, env);
    if (path === null) yield { source: 'PATH', path: name, reason: 'not on PATH' };
    else if (/\\WindowsApps\\/i.test(path)) {
      yield { source: 'PATH', path, reason: "Windows' store alias, not an interpreter" };
    } else yield { source: 'PATH', path };
  }
}

function serviceOf(option: string | undefined, env: NodeJS.ProcessEnv): string | null {
  const service = option ?? env.POSE_SERVICE_PATH;
  return service ? resolve(service) : null;
}

/** A bare name is looked up on PATH, anything else is a path. */
function located(python: string, env: NodeJS.ProcessEnv, cwd: string): string {
  if (isAbsolute(python) || /[\\/]/.test(python)) return resolve(cwd, python);
  return onPath(python, env) ?? python;
}

function onPath(name: string, env: NodeJS.ProcessEnv): string | null {
  for (const directory of (env.PATH ?? env.Path ?? '').split(delimiter)) {
    if (directory === '') continue;
    const path = join(directory, name);
    if (whyNotExecutable(path) === null) return path;
  }
  return null;
}

/** From the working directory up; not into the folder that holds all homes, nor the root of the file system. */
function* upwards(cwd: string): Generator<string> {
  for (let directory = resolve(cwd); ; directory = dirname(directory)) {
    yield directory;
    if (directory === homedir() || dirname(directory) === dirname(dirname(directory))) return;
  }
}

/** In a folder like `/tmp` another user could have left an environment for us to run. */
function mayBePlanted(directory: string, venv: string): boolean {
  const me = process.getuid?.();
  if (me === undefined) return false;
  const worldWritable = ((status(directory)?.mode ?? 0) & 0o002) !== 0;
  return worldWritable && status(venv)?.uid !== me;
}

function whyNotExecutable(path: string): string | null {
  const found = status(path);
  if (found === null) return 'no such file';
  if (!found.isFile()) return 'not a file';
  try {
    accessSync(path, constants.X_OK);
    return null;
  } catch {
    return 'not executable';
  }
}

function isFile(path: string): boolean {
  return status(path)?.isFile() ?? false;
}

function isDirectory(path: string): boolean {
  return status(path)?.isDirectory() ?? false;
}

function status(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null; // absent, or in a folder we may not look into
  }
}
