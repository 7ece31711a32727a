import { describe, expect, test } from 'vitest';
import { describeExit, type Exit, looksOutOfMemory, signalOf } from '../../src/process/exit.ts';

const code = (exitCode: number): Exit => ({ exitCode, signal: null });
const killed = (signal: NodeJS.Signals): Exit => ({ exitCode: null, signal });

describe('describeExit', () => {
  test.for<[exit: Exit, words: RegExp]>([
    [code(0), /^exited with code 0 \(it ended as if its work were done\)$/],
    [code(1), /an uncaught Python exception/],
    [code(42), /^exited with code 42$/],
    [code(127), /a shared library is missing/],
    [code(137), /^exited with code 137, that is SIGKILL \(.*memory ran out/],
    [code(139), /that is SIGSEGV/],
    [code(200), /^exited with code 200$/],
    [code(9009), /store alias/],
    [killed('SIGSEGV'), /^was killed by SIGSEGV \(a native library/],
    [killed('SIGILL'), /compiled for another CPU/],
    [killed('SIGUSR1'), /^was killed by SIGUSR1$/],
  ])('rows 4, 13 and 38: %j reads %s', ([exit, words]) => {
    expect(describeExit(exit)).toMatch(words);
  });
});

test('a shell hands a signal on as 128 + its number', () => {
  expect(signalOf(code(143))).toBe('SIGTERM');
  expect(signalOf(code(128))).toBeNull();
  expect(signalOf({ exitCode: null, signal: null })).toBeNull();
});

test('only a SIGKILL from elsewhere looks like memory running out', () => {
  expect(looksOutOfMemory(killed('SIGKILL'), false)).toBe(true);
  expect(looksOutOfMemory(code(137), false)).toBe(true);
  expect(looksOutOfMemory(killed('SIGKILL'), true)).toBe(false);
  expect(looksOutOfMemory(killed('SIGSEGV'), false)).toBe(false);
});
