/** What the repository around this package offers to tests. */
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { venvPython } from '../src/process/discover.ts';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The repository's own interpreter, made by `scripts/setup`. */
export const PYTHON = venvPython(join(ROOT, '.venv'), process.platform);

/** Images and videos that live beside the repository, where they are there. */
export const FIXTURES = join(ROOT, '..', 'shared', 'fixtures');

export const HAS_PYTHON = needed('.venv (run scripts/setup)', PYTHON);
export const HAS_WEIGHTS = HAS_PYTHON && existsSync(join(ROOT, '.models'));
export const HAS_FIXTURES = existsSync(FIXTURES);

/** An interpreter from before 3.11, or null. */
export const OLD_PYTHON = oldPython();

/** Locally a test may be skipped for what is missing; CI has everything that scripts/setup makes. */
function needed(what: string, path: string): boolean {
  if (existsSync(path)) return true;
  if (process.env.CI === 'true') throw new Error(`CI must have ${what}: ${path}`);
  return false;
}

function oldPython(): string | null {
  const versions = join(homedir(), '.pyenv', 'versions');
  if (!existsSync(versions)) return null;
  const old = readdirSync(versions).find((version) => version.startsWith('3.8.'));
  return old === undefined ? null : join(versions, old, 'bin', 'python');
}
