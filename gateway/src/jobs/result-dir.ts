/** Result directories as the gateway sees them: it measures them, and removes those that are forgotten. */
import { randomUUID } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** Marks what is being removed; a leftover is removed at the next occasion. */
const GONE = '.gone-';

/** Bytes of the files in it; 0 when it is not there. */
export async function measureDirectory(directory: string): Promise<number> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async ({ name }) => (await stat(join(directory, name)).catch(() => ({ size: 0 }))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

export function isResult(directory: string): boolean {
  return existsSync(join(directory, 'summary.json'));
}

/** Take directories out of `out` at once, and remove what was taken. Nothing outside of `out` is touched. */
export async function removeResults(out: string, directories: readonly string[]): Promise<void> {
  const root = resolve(out);
  for (const directory of directories) {
    if (dirname(resolve(directory)) !== root || !existsSync(directory)) continue;
    renameSync(directory, join(root, `${GONE}${randomUUID()}`));
  }
  const names = await readdir(root).catch(() => []);
  for (const name of names.filter((name) => name.startsWith(GONE)))
    await rm(join(root, name), { recursive: true, force: true });
}
