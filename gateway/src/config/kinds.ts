/** Kinds of option values: how each is read from JSON, from an environment variable and from a flag. */
import { inspect } from 'node:util';

/** Where an option may be given and what it means: one row of the configuration table. */
export interface OptionRow<Fallback> {
  readonly env: string;
  readonly flag: string;
  readonly meaning: string;
  readonly fallback: Fallback;
  /** What the fallback is called where it depends on the machine. */
  readonly fallbackSaid?: string;
}

export interface Option<Value, Fallback = Value> extends OptionRow<Fallback> {
  /** What values there are, in words. */
  readonly values: string;
  /** A flag that takes no value. */
  readonly isSwitch: boolean;
  /** May be given several times. */
  readonly isList: boolean;
  /** The value, or null where there is none in what was given. */
  read(given: unknown): Value | null;
}

/** Of a value that was refused. */
const SHOWN_CHARACTERS = 60;

export function shown(value: unknown): string {
  return inspect(value, { breakLength: Number.POSITIVE_INFINITY, maxStringLength: SHOWN_CHARACTERS });
}

export function integer<Fallback extends number | null>(
  row: OptionRow<Fallback> & { readonly min: number; readonly max: number },
): Option<number, Fallback | number> {
  const { min, max } = row;
  return {
    ...row,
    values: `an integer from ${min} to ${max}`,
    isSwitch: false,
    isList: false,
    read: (given) => inRange(given, min, max),
  };
}

export function text<Fallback extends string | null>(
  row: OptionRow<Fallback>,
): Option<string, Fallback | string> {
  return { ...row, values: 'text', isSwitch: false, isList: false, read: nonEmpty };
}

export function choice<Name extends string>(
  names: readonly Name[],
  row: OptionRow<Name | null>,
): Option<Name, Name | null> {
  return {
    ...row,
    values: `one of ${names.join(', ')}`,
    isSwitch: false,
    isList: false,
    read: (given) => names.find((name) => name === given) ?? null,
  };
}

/** On or off. */
export function flag(row: OptionRow<boolean>): Option<boolean> {
  return {
    ...row,
    values: 'true or false',
    isSwitch: true,
    isList: false,
    read: (given) => {
      if (typeof given === 'boolean') return given;
      if (typeof given !== 'string') return null;
      return !['', '0', 'false', 'no'].includes(given.toLowerCase());
    },
  };
}

export function texts(row: OptionRow<readonly string[]>): Option<readonly string[]> {
  return { ...row, values: 'texts, separated by commas', isSwitch: false, isList: true, read: parts };
}

export function integers(
  row: OptionRow<readonly number[]> & { readonly min: number; readonly max: number },
): Option<readonly number[]> {
  const { min, max } = row;
  return {
    ...row,
    values: `integers from ${min} to ${max}, separated by commas`,
    isSwitch: false,
    isList: true,
    read: (given) => parts(given, (part) => inRange(part, min, max)),
  };
}

/** An object: as such in the file, as JSON text elsewhere. */
export function named(
  row: OptionRow<Readonly<Record<string, unknown>>>,
): Option<Readonly<Record<string, unknown>>> {
  return { ...row, values: 'a JSON object', isSwitch: false, isList: false, read: namedValues };
}

function inRange(given: unknown, min: number, max: number): number | null {
  const number = typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : given;
  return typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max
    ? number
    : null;
}

function nonEmpty(given: unknown): string | null {
  return typeof given === 'string' && given !== '' && !given.includes('\0') ? given : null;
}

function parts(given: unknown): readonly string[] | null;
function parts<Part>(given: unknown, read: (part: unknown) => Part | null): readonly Part[] | null;
function parts(given: unknown, read: (part: unknown) => unknown = nonEmpty): readonly unknown[] | null {
  const list = typeof given === 'string' ? [given] : given;
  if (!Array.isArray(list)) return typeof given === 'number' ? parts([given], read as () => unknown) : null;
  const found = list
    .flatMap((part) => (typeof part === 'string' ? part.split(',').map((piece) => piece.trim()) : [part]))
    .filter((part) => part !== '')
    .map(read);
  return found.includes(null) ? null : [...new Set(found)];
}

function namedValues(given: unknown): Readonly<Record<string, unknown>> | null {
  const value = typeof given === 'string' ? parsed(given) : given;
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : null;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
