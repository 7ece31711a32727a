/** What the end of a process means, in words. */
import { constants } from 'node:os';

/** How a process ended: `exitCode` or `signal` is set, as Node reports it. */
export interface Exit {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The daemon's own code for "start-up failed and I said why". */
export const START_FAILED_EXIT_CODE = 3;

const SIGNAL_MEANINGS: Partial<Record<NodeJS.Signals, string>> = {
  SIGKILL: 'killed from outside, often by the kernel when memory ran out',
  SIGSEGV: 'a native library read memory that is not its own',
  SIGABRT: 'a native library gave up',
  SIGBUS: 'a memory-mapped file was truncated, or shared memory ran out',
  SIGFPE: 'an arithmetic fault in native code',
  SIGILL: 'illegal instruction: a package was compiled for another CPU',
  SIGTERM: 'asked to end from outside',
  SIGHUP: 'its terminal closed',
};

const EXIT_CODE_MEANINGS: Readonly<Record<number, string>> = {
  0: 'it ended as if its work were done',
  1: 'an uncaught Python exception',
  2: 'wrong command line arguments',
  126: 'the file is not executable',
  127: 'command not found, or a shared library is missing',
  9009: "Windows' store alias instead of a Python interpreter",
};

/** A shell that waits for a killed command exits with 128 + the signal's number. */
export function signalOf({ exitCode, signal }: Exit): NodeJS.Signals | null {
  if (signal !== null || exitCode === null || exitCode <= 128) return signal;
  const named = Object.entries(constants.signals).find(([, number]) => number === exitCode - 128);
  return (named?.[0] as NodeJS.Signals | undefined) ?? null;
}

/** What SIGKILL meant, by whether the kernel's out-of-memory counter rose. */
const KILL_MEANINGS = {
  true: 'the kernel killed it or a neighbour because memory ran out',
  false: "killed from outside: the kernel's out-of-memory counter did not move",
} as const;

/**
 * `exited with code 1 (an uncaught Python exception)`, `was killed by SIGSEGV (…)`. `oomSeen`: whether the kernel killed
 * for want of memory meanwhile, null where that is not known.
 */
export function describeExit(exit: Exit, oomSeen: boolean | null = null): string {
  const signal = signalOf(exit);
  if (signal !== null) {
    const meaning =
      signal === 'SIGKILL' && oomSeen !== null ? KILL_MEANINGS[`${oomSeen}`] : SIGNAL_MEANINGS[signal];
    const how =
      exit.signal === null
        ? `exited with code ${exit.exitCode}, that is ${signal}`
        : `was killed by ${signal}`;
    return meaning === undefined ? how : `${how} (${meaning})`;
  }
  const meaning = exit.exitCode === null ? undefined : EXIT_CODE_MEANINGS[exit.exitCode];
  return `exited with code ${exit.exitCode}${meaning === undefined ? '' : ` (${meaning})`}`;
}

/** The next step after a SIGKILL, by whether the kernel's out-of-memory counter rose. */
export function killHint(oomSeen: boolean | null): string {
  return oomSeen === false
    ? 'Look for what sent SIGKILL: another supervisor, a limit of the container, a person.'
    : 'Use a smaller pool or smaller images, or give the machine more memory.';
}

/** SIGKILL that we did not send is how the kernel's out-of-memory killer looks from outside. */
export function looksOutOfMemory(exit: Exit, killedByUs: boolean): boolean {
  return !killedByUs && signalOf(exit) === 'SIGKILL';
}
