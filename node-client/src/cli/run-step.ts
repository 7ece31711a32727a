/** Run one command of a longer job: its output passes through, and it is never silent for long. */
import { spawn } from 'node:child_process';

/** After this much silence a line says that the step is still at work. */
export const SILENCE_MS = 2_500;

/** Where a command-line tool writes. */
export interface Output {
  write(text: string): unknown;
}

/** Returns the exit code; 127 when the program could not be started, 128 when a signal ended it. */
export function runStep(title: string, command: readonly string[], out: Output): Promise<number> {
  const [file = '', ...args] = command;
  const startedAtMs = performance.now();
  out.write(`\n— ${title}\n`);
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    const stillAtWork = setInterval(() => {
      out.write(`  … still at it (${Math.round((performance.now() - startedAtMs) / 1000)} s)\n`);
    }, SILENCE_MS);
    const passOn = (chunk: Buffer) => {
      out.write(chunk.toString('utf8'));
      stillAtWork.refresh();
    };
    child.stdout.on('data', passOn);
    child.stderr.on('data', passOn);
    const finish = (exitCode: number) => {
      clearInterval(stillAtWork);
      resolve(exitCode);
    };
    child.on('error', (error) => {
      out.write(`  cannot start ${file}: ${error.message}\n`);
      finish(127);
    });
    child.on('close', (exitCode) => finish(exitCode ?? 128));
  });
}

/** Hand the terminal to a command and return its exit code. */
export function handOver(command: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const [file = '', ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: 'inherit', env });
    child.on('error', reject);
    child.on('exit', (exitCode) => resolve(exitCode ?? 128));
  });
}
