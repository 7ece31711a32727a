import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { VERSION } from '../../src/index.ts';
import { Collected } from './output.ts';

const BIN = fileURLToPath(new URL('../../bin/pose-sidecar.cjs', import.meta.url));

async function run(...argv: string[]) {
  const out = new Collected();
  const err = new Collected();
  return { exitCode: await main(argv, out, err), out: out.text, err: err.text };
}

describe('the command line', () => {
  test.for([['--help'], ['-h'], ['help']])('%s names every command', async (argv) => {
    const { exitCode, out } = await run(...argv);
    expect(exitCode).toBe(0);
    for (const command of ['setup', 'check', 'doctor', 'video', 'models', 'demo-break']) {
      expect(out).toMatch(new RegExp(`^ {2}${command} `, 'm'));
    }
  });

  test.for([['setup'], ['check'], ['doctor'], ['demo-break']])('%s --help answers', async ([command]) => {
    const { exitCode, out } = await run(command as string, '--help');
    expect(exitCode).toBe(0);
    expect(out).toContain(`Usage: npx pose-sidecar ${command}`);
  });

  test('--version is the version of the package', async () => {
    expect(await run('--version')).toEqual({ exitCode: 0, out: `${VERSION}\n`, err: '' });
  });

  test.for([
    [[], ''],
    [['no-such-command'], "no command 'no-such-command'"],
    [['setup', '--no-such-option'], '--no-such-option'],
    [['check', 'positional'], 'positional'],
  ] as const)('%j is a usage error', async ([argv, words]) => {
    const { exitCode, err } = await run(...argv);
    expect(exitCode).toBe(2);
    expect(err).toContain(words);
  });
});

describe('an old Node', () => {
  const pretend = (version: string) =>
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } }); require(${JSON.stringify(BIN)});`;

  test.for(['8.17.0', '20.20.2', '22.12.0'])('%s is told in one line what is missing', (version) => {
    const { status, stderr } = spawnSync(process.execPath, ['-e', pretend(version)], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toBe(
      `pose-sidecar needs Node 22.13 or newer, this is ${version}: install a current Node.\n`,
    );
  });

  test('the entry parses', () => {
    execFileSync(process.execPath, ['--check', BIN]);
  });
});
