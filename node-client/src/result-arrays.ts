/** The float32 arrays of a RESULT's body, as views of the bytes that came over the wire. */
import type { ArraySpec, ResultMessage } from './wire/generated/messages.ts';
import { WireError } from './wire/wire-error.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** The array of this name, or undefined when the body holds none. */
export function findArray({ arrays }: ResultMessage, name: string): ArraySpec | undefined {
  return arrays?.find((array) => array.name === name);
}

/**
 * A function from a person's index to that person's part of an array, or null when the body holds no such array.
 * `shape` is one person's; null stands for any length. Throws WireError when the array does not have it.
 */
export function perPerson(
  name: string,
  shape: readonly (number | null)[],
  message: ResultMessage,
  body: Bytes,
): ((index: number) => Float32Array) | null {
  const spec = findArray(message, name);
  if (spec === undefined) return null;
  const people = message.persons?.length ?? 0;
  const [count, ...each] = spec.shape;
  const fits =
    each.length === shape.length && shape.every((length, axis) => length === null || length === each[axis]);
  if (count !== people || !fits) {
    const wanted = [people, ...shape.map((length) => length ?? 'k')];
    throw misfit(`${name} must have shape (${wanted.join(', ')}), got (${spec.shape.join(', ')})`);
  }
  const size = each.reduce((product, length) => product * length, 1);
  const values = float32View(body, spec, people * size);
  return (index) => values.subarray(index * size, (index + 1) * size);
}

/** A view, or a copy where the bytes do not start on a multiple of four. */
export function float32View(body: Bytes, { name, offset }: ArraySpec, count: number): Float32Array {
  const byteLength = count * Float32Array.BYTES_PER_ELEMENT;
  if (offset + byteLength > body.byteLength) {
    throw misfit(`${name} ends at byte ${offset + byteLength} of a body of ${body.byteLength}`);
  }
  const start = body.byteOffset + offset;
  if (start % Float32Array.BYTES_PER_ELEMENT === 0) return new Float32Array(body.buffer, start, count);
  return new Float32Array(body.slice(offset, offset + byteLength).buffer);
}

/** Description and bytes of a result do not fit together. */
export function misfit(sentence: string): WireError {
  return new WireError('InvalidMessage', sentence);
}
