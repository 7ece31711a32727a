/** Inputs that killed daemons: refused before they are sent again. */
import { createHash } from 'node:crypto';
import type { PoseError } from '../errors.ts';

/** Remembered inputs; the oldest goes first. */
export const QUARANTINE_MAX = 256;

interface Input {
  readonly op: string;
  readonly params: object;
  readonly body: Uint8Array;
}

export class Quarantine {
  /** By size first: while nothing of that size is in quarantine, no input need be hashed. */
  readonly #sizes = new Map<number, number>();
  readonly #errors = new Map<string, { readonly size: number; readonly error: PoseError }>();

  get size(): number {
    return this.#errors.size;
  }

  add(input: Input, error: PoseError): void {
    const key = digest(input);
    if (this.#errors.has(key)) return;
    const size = input.body.byteLength;
    this.#errors.set(key, { size, error });
    this.#sizes.set(size, (this.#sizes.get(size) ?? 0) + 1);
    if (this.#errors.size > QUARANTINE_MAX) this.#forgetOldest();
  }

  /** Why an input is refused; null when it is not. */
  find(input: Input): PoseError | null {
    if (!this.#sizes.has(input.body.byteLength)) return null;
    return this.#errors.get(digest(input))?.error ?? null;
  }

  clear(): void {
    this.#errors.clear();
    this.#sizes.clear();
  }

  #forgetOldest(): void {
    const [oldest] = this.#errors;
    if (oldest === undefined) return;
    const [key, { size }] = oldest;
    this.#errors.delete(key);
    const left = (this.#sizes.get(size) ?? 1) - 1;
    if (left === 0) this.#sizes.delete(size);
    else this.#sizes.set(size, left);
  }
}

function digest({ op, params, body }: Input): string {
  return createHash('sha256')
    .update(`${op}\0${JSON.stringify(params)}\0`)
    .update(body)
    .digest('base64');
}
