/** What option checks share: names nobody knows, kinds of values, and how a refused value is shown. */
import { inspect } from 'node:util';

/** The longest wait a Node timer can hold. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

export function unknownNames(options: object, known: ReadonlySet<string>): string[] {
  return Object.keys(options)
    .filter((name) => !known.has(name))
    .map((name) => `there is no option ${name}`);
}

export function isNamedValues(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Text with a NUL byte cannot be handed to a program. */
export function isCommand(command: unknown): boolean {
  const isText = (part: unknown) => typeof part === 'string' && !part.includes('\0');
  return Array.isArray(command) && command.length > 0 && command[0] !== '' && command.every(isText);
}

export function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

/** Of a traceparent; the standard's has 55. */
export const MAX_TRACE_CHARACTERS = 128;

export function isTrace(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_TRACE_CHARACTERS;
}

export function isTrue(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'false', 'no'].includes(value.toLowerCase());
}

/** Of a value that was refused. */
const SHOWN_CHARACTERS = 60;

export function shown(value: unknown): string {
  return inspect(value, {
    depth: 1,
    breakLength: Number.POSITIVE_INFINITY,
    maxStringLength: SHOWN_CHARACTERS,
  });
}
