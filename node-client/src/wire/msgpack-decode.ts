/**
 * Reads msgpack strictly: one value of the data model and nothing after it.
 *
 * `@msgpack/msgpack` writes ours, but its decoder keeps the last of two equal keys, replaces invalid UTF-8 and
 * returns binary and extension types; the Python half refuses all of these, so this half must too.
 */
import {
  checkDepth,
  checkInteger,
  checkKey,
  checkScalar,
  decodeText,
  NotPlainError,
  type Plain,
} from './plain.ts';

/** Decodes exactly one value. Throws NotPlainError for anything a message must not hold. */
export function decodeMsgpack(data: Uint8Array, depth: number): Plain {
  const cursor = new Cursor(data);
  const value = cursor.value(depth);
  if (cursor.left > 0) throw new NotPlainError(`not msgpack: ${cursor.left} bytes after the value`);
  return value;
}

class Cursor {
  readonly #data: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(data: Uint8Array) {
    this.#data = data;
    this.#view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  }

  get left(): number {
    return this.#data.byteLength - this.#at;
  }

  value(depth: number): Plain {
    const tag = this.#unsigned(1);
    if (tag < 0x80) return tag;
    if (tag < 0x90) return this.#map(tag & 0x0f, depth);
    if (tag < 0xa0) return this.#array(tag & 0x0f, depth);
    if (tag < 0xc0) return this.#text(tag & 0x1f);
    if (tag >= 0xe0) return tag - 0x100;
    switch (tag) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xca:
      case 0xcb:
        return this.#float(tag === 0xca ? 4 : 8);
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.#unsigned(1 << (tag - 0xcc));
      case 0xcf:
        return safe(this.#view.getBigUint64(this.#take(8)));
      case 0xd0:
        return this.#view.getInt8(this.#take(1));
      case 0xd1:
        return this.#view.getInt16(this.#take(2));
      case 0xd2:
        return this.#view.getInt32(this.#take(4));
      case 0xd3:
        return safe(this.#view.getBigInt64(this.#take(8)));
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#text(this.#unsigned(1 << (tag - 0xd9)));
      case 0xdc:
      case 0xdd:
        return this.#array(this.#unsigned(tag === 0xdc ? 2 : 4), depth);
      case 0xde:
      case 0xdf:
        return this.#map(this.#unsigned(tag === 0xde ? 2 : 4), depth);
      default: // c1, binary, extensions
        throw new NotPlainError(`not msgpack of the data model: type byte 0x${tag.toString(16)}`);
    }
  }

  #map(size: number, depth: number): Plain {
    checkDepth(depth);
    this.#expect(size * 2);
    const map: Record<string, Plain> = {};
    for (let i = 0; i < size; i += 1) {
      const key = this.value(depth - 1);
      if (typeof key !== 'string') throw new NotPlainError(`map keys must be strings, got ${String(key)}`);
      checkKey(key);
      if (Object.hasOwn(map, key)) throw new NotPlainError(`key '${key}' comes twice`);
      map[key] = this.value(depth - 1);
    }
    return map;
  }

  #array(size: number, depth: number): Plain {
    checkDepth(depth);
    this.#expect(size);
    const array: Plain[] = [];
    for (let i = 0; i < size; i += 1) array.push(this.value(depth - 1));
    return array;
  }

  #text(size: number): string {
    const start = this.#take(size);
    return decodeText(this.#data.subarray(start, start + size));
  }

  #float(size: 4 | 8): number {
    const start = this.#take(size);
    const value = size === 4 ? this.#view.getFloat32(start) : this.#view.getFloat64(start);
    checkScalar(value);
    return value;
  }

  #unsigned(size: number): number {
    const start = this.#take(size);
    if (size === 1) return this.#view.getUint8(start);
    return size === 2 ? this.#view.getUint16(start) : this.#view.getUint32(start);
  }

  #take(size: number): number {
    this.#expect(size);
    const start = this.#at;
    this.#at += size;
    return start;
  }

  /** Every value takes a byte at least, so a lying length is refused before anything is made of it. */
  #expect(size: number): void {
    if (size > this.left) throw new NotPlainError(`not msgpack: ${size} bytes announced, ${this.left} left`);
  }
}

function safe(value: bigint): number {
  checkInteger(value);
  return Number(value);
}
