import { expect, test, vi } from 'vitest';
import { runStep } from '../../src/cli/run-step.ts';
import { Collected } from './output.ts';

const node = (program: string) => [process.execPath, '-e', program];

test('both outputs pass through and the exit code comes back', async () => {
  const out = new Collected();
  expect(await runStep('Title', node('console.log("a"); console.error("b"); process.exit(4)'), out)).toBe(4);
  expect(out.text).toMatch(/^\n— Title\n/);
  expect(out.text).toContain('a\n');
  expect(out.text).toContain('b\n');
});

test('a program that does not start is said', async () => {
  const out = new Collected();
  expect(await runStep('Title', ['/nope/program'], out)).toBe(127);
  expect(out.text).toContain('cannot start /nope/program');
});

test('a program that dies of a signal has failed', async () => {
  expect(await runStep('Title', node('process.kill(process.pid, "SIGKILL")'), new Collected())).toBe(128);
});

test('silence is broken', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    const out = new Collected();
    const step = runStep('Title', node('process.stdin.resume(); setTimeout(() => {}, 200)'), out);
    vi.advanceTimersByTime(2_500);
    await step;
    expect(out.text).toContain('still at it');
  } finally {
    vi.useRealTimers();
  }
});
