/** Whatever becomes of the host, no daemon outlives it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { isAlive } from '../leaks.ts';
import { HAS_PYTHON } from '../repository.ts';

const HOST = fileURLToPath(new URL('./host.ts', import.meta.url));

/** A host program that has started a pool; resolves with the pids of its daemons. */
async function startHost(ending: string) {
  const host = spawn(process.execPath, ['--experimental-strip-types', '--no-warnings', HOST, ending], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const failed = once(host, 'exit').then(([exitCode]) => {
    throw new Error(`the host ended before its pool was ready: exit code ${exitCode}`);
  });
  failed.catch(() => {});
  const [line] = await Promise.race([once(host.stdout, 'data'), failed]);
  return { host, pids: JSON.parse(String(line)) as number[] };
}

describe.skipIf(!HAS_PYTHON)('rows 62 to 65', () => {
  test.for(['SIGKILL', 'SIGTERM', 'SIGHUP'] as const)('the host dies of %s', async (signal) => {
    const { host, pids } = await startHost('wait');
    expect(pids.every(isAlive)).toBe(true);
    host.kill(signal);
    await once(host, 'exit');
    await expect.poll(() => pids.filter(isAlive), { timeout: 4_000 }).toEqual([]);
  });

  test.for(['exit', 'throw'])('the host ends by %s', async (ending) => {
    const { host, pids } = await startHost(ending);
    host.stdin.end('now\n');
    await once(host, 'exit');
    await expect.poll(() => pids.filter(isAlive), { timeout: 4_000 }).toEqual([]);
  });
});
