/** The data model of a message: what JSON and msgpack can both say, and nothing else (SPEC, "Values"). */
import { WireError } from './wire-error.ts';

export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain };
export type PlainMap = { readonly [key: string]: Plain };

/** An ordinary key in Python, a trapdoor in JavaScript. */
const FORBIDDEN_KEY = '__proto__';
/** A `u` pattern sees pairs as one character, so what is left in this range stands alone. */
const LONE_SURROGATE = /[\ud800-\udfff]/u;
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** A sentence about a value outside the data model; the codec that met it makes a fault of it. */
export class NotPlainError extends WireError {
  constructor(sentence: string) {
    super('NotPlain', sentence);
  }
}

/** Decodes text, refusing what is not UTF-8. */
export function decodeText(data: Uint8Array): string {
  try {
    return UTF8.decode(data);
  } catch {
    throw new NotPlainError(`not UTF-8: ${Buffer.from(data.subarray(0, 24)).toString('hex')}`);
  }
}

/** Refuses whatever the other language could not read back identically. Keys set to undefined are left out. */
export function checkSendable(value: unknown, depth: number): asserts value is Plain {
  if (typeof value === 'number' && Number.isInteger(value)) checkInteger(value);
  else if (Array.isArray(value)) {
    checkDepth(depth);
    for (const item of value) checkSendable(item, depth - 1);
  } else if (isMap(value)) {
    checkDepth(depth);
    for (const [key, item] of Object.entries(value)) {
      checkKey(key);
      if (item !== undefined) checkSendable(item, depth - 1);
    }
  } else checkScalar(value);
}

/** Refuses a key that is no text, or that JavaScript would mistake for something else. */
export function checkKey(key: string): void {
  if (key === FORBIDDEN_KEY) throw new NotPlainError(`the key '${FORBIDDEN_KEY}' is not allowed`);
  checkScalar(key);
}

/** Refuses numbers that are not finite, text with lone surrogates, and types outside the data model. */
export function checkScalar(value: unknown): void {
  if (typeof value === 'string') {
    if (LONE_SURROGATE.test(value))
      throw new NotPlainError('strings must be Unicode text, got a lone surrogate');
  } else if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new NotPlainError(`numbers must be finite, got ${value}`);
  } else if (value !== null && typeof value !== 'boolean') {
    throw new NotPlainError(
      `values must be null, boolean, number, string, array or map, got ${nameOf(value)}`,
    );
  }
}

/** Refuses integers that a number does not hold exactly. */
export function checkInteger(value: number | bigint): void {
  if (!Number.isSafeInteger(Number(value))) {
    throw new NotPlainError(`integers must be within 2**53 - 1, got ${value}`);
  }
}

/** Refuses to go deeper than allowed; `depth` is what is left. */
export function checkDepth(depth: number): void {
  if (depth === 0) throw new NotPlainError('nesting is deeper than allowed');
}

/** Is this a map of the data model, rather than a class instance or an array? */
export function isMap(value: unknown): value is PlainMap {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function nameOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'object' && value !== null ? (value.constructor?.name ?? 'object') : typeof value;
}
