/** Files that a client names by path: only under the roots, after every link was resolved. */
import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { Refusal } from '../http/refusal.ts';

const MAX_PATH_CHARACTERS = 4_096;

export class Roots {
  readonly #roots: readonly string[];

  /** @param roots Absolute directories; those that are not there yet count from when they are. */
  constructor(roots: readonly string[]) {
    this.#roots = roots;
  }

  /**
   * The real path of a readable file. A path outside is refused before anything is said of it, so that nobody learns what
   * is there. Throws PATH_NOT_ALLOWED, VIDEO_NOT_FOUND, VIDEO_UNREADABLE.
   */
  async file(given: string): Promise<string> {
    if (given.length > MAX_PATH_CHARACTERS || given.includes('\0')) throw notFound(given);
    const [real = '', ...roots] = await Promise.all([resolve(given), ...this.#roots].map(realPath));
    if (!roots.some((root) => isInside(root, real))) throw outside(given);
    const facts = await stat(real).catch(() => null);
    if (facts === null) throw notFound(given);
    if (!facts.isFile()) throw unreadable(given, 'it is not a regular file');
    await access(real, constants.R_OK).catch((error: Error) => {
      throw unreadable(given, error.message);
    });
    return real;
  }
}

/** Of what is not there, the real path of the nearest folder that is, with the rest behind it. */
async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(await realPath(parent), basename(path));
  }
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === '' || (way !== '..' && !/^\.\.[\\/]/.test(way) && resolve(root, way) === path);
}

function outside(given: string): Refusal {
  return new Refusal(
    'PATH_NOT_ALLOWED',
    `Video file not found: ${said(given)} is outside the allowed directories`,
    {
      hint: 'Name its directory with --root, or upload the file.',
    },
  );
}

function notFound(given: string): Refusal {
  return new Refusal('VIDEO_NOT_FOUND', `Video file not found: ${said(given)}`, {
    hint: 'Give the path as this machine sees it.',
  });
}

function unreadable(given: string, reason: string): Refusal {
  return new Refusal('VIDEO_UNREADABLE', `Video file cannot be read: ${said(given)}: ${reason}`);
}

/** Of a path that was refused. */
const SHOWN_CHARACTERS = 300;

function said(given: string): string {
  return given.length > SHOWN_CHARACTERS
    ? `${given.slice(0, SHOWN_CHARACTERS)}…`
    : given.replaceAll('\0', '\\0');
}
