/** The interpreter that holds the Python half, for commands that are passed through to it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { RejectedCandidate } from '../errors.ts';
import { type Candidate, findCandidates, type Surroundings } from '../process/discover.ts';
import { noInterpreter } from '../process/no-interpreter.ts';

const VERSION_TIMEOUT_MS = 10_000;

export interface InstalledPython {
  readonly path: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Throws StartError SPAWN_FAILED with every candidate and its reason. */
export async function findInstalledPython(around: Surroundings): Promise<InstalledPython> {
  const { usable, rejected } = findCandidates(around);
  const reasons: RejectedCandidate[] = [...rejected];
  for (const candidate of usable) {
    const env = environmentOf(candidate, around.env);
    const reason = await whyWithoutSidecar(candidate.path, env);
    if (reason === null) return { path: candidate.path, env };
    reasons.push({ source: candidate.source, path: candidate.path, reason });
  }
  throw noInterpreter(reasons);
}

/** A command is run by a person, so it gets the person's environment; only shadowed modules are kept out. */
export function environmentOf({ servicePath }: Candidate, host: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...host, PYTHONSAFEPATH: '1', PYTHONPATH: servicePath, PYTHONHOME: undefined };
}

export async function whyWithoutSidecar(python: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  try {
    await promisify(execFile)(python, ['-m', 'sidecar', '--version'], { env, timeout: VERSION_TIMEOUT_MS });
    return null;
  } catch (error) {
    const { stderr, message } = error as Error & { readonly stderr?: string };
    return stderr?.trim().split('\n').at(-1) || message;
  }
}
