// Before `npm pack`: build the Python half into python/, so that the package carries it, and drop stale output.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const here = fileURLToPath(new URL('../', import.meta.url));
const venvPython = `${root}.venv/${process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python'}`;
const python = existsSync(venvPython) ? venvPython : (process.env.POSE_PYTHON ?? 'python3');

for (const made of ['python', 'dist']) rmSync(`${here}${made}`, { recursive: true, force: true });
mkdirSync(`${here}python`);
execFileSync(python, ['-m', 'build', '--wheel', '--no-isolation', '--outdir', `${here}python`, root], {
  stdio: ['ignore', process.stderr, 'inherit'], // stdout belongs to npm pack, which may print JSON there
});
copyFileSync(`${root}LICENSE`, `${here}LICENSE`);
