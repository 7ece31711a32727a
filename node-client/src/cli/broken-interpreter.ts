/** A copy of an interpreter's environment without one module, as if its distribution had never been installed. */
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readdir, readFile, realpath, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { venvPython } from '../process/discover.ts';

const run = promisify(execFile);

const SITE_FOLDERS =
  'import json, os, site; print(json.dumps([p for p in site.getsitepackages() if os.path.isdir(p)]))';

export interface BrokenInterpreter extends AsyncDisposable {
  readonly python: string;
}

/** Links everything but `module` into a new environment. Throws TypeError for anything but a plain module name. */
export async function breakInterpreter(python: string, module: string): Promise<BrokenInterpreter> {
  if (!/^[A-Za-z_]\w*$/.test(module)) throw new TypeError(`'${module}' is not the name of a module`);
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'pose-sidecar-broken-'));
  const dispose = () => rm(folder, { recursive: true, force: true });
  try {
    await run(python, ['-m', 'venv', '--without-pip', folder]);
    const broken = venvPython(folder, process.platform);
    const [target] = await siteFolders(broken);
    for (const source of await siteFolders(python)) await linkAllBut(module, source, target as string);
    return { python: broken, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function siteFolders(python: string): Promise<readonly string[]> {
  const { stdout } = await run(python, ['-c', SITE_FOLDERS]);
  return JSON.parse(stdout);
}

async function linkAllBut(module: string, source: string, target: string): Promise<void> {
  for (const name of await readdir(source)) {
    if (await belongsTo(module, source, name)) continue;
    const path = join(source, name);
    // Folders as junctions and files as copies: what Windows lets everybody make.
    if ((await stat(path)).isDirectory()) await symlink(path, join(target, name), 'junction');
    else await copyFile(path, join(target, name));
  }
}

/** The module itself, or the record of the distribution that brought it. */
async function belongsTo(module: string, folder: string, name: string): Promise<boolean> {
  if (name.split('.')[0] === module) return true;
  if (!name.endsWith('.dist-info')) return false;
  const record = await readFile(join(folder, name, 'RECORD'), 'utf8').catch(() => '');
  return new RegExp(`^${module}[/.]`, 'm').test(record);
}
