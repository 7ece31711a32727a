/**
 * Reads JSON strictly: one value of the data model and nothing after it.
 *
 * `JSON.parse` keeps the last of two equal keys and rounds large integers, which the Python half refuses. Nor can it be
 * relied on for keys with escapes: in V8 12.8 and later, `{"\"":1,"\u00e9":2}` may come out with a key `\` once another
 * text had `{"\"":1,"\\":2}` (nodejs/node#63785; our fuzzer met it). Only start-up is in JSON, so a parser in this
 * language is fast enough.
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

const SPACE = /[ \t\n\r]*/y;
const WORD = /true|false|null/y;
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these in text
const TEXT = /"([^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*)"/y;
const ESCAPE = /\\(?:u(.{4})|(.))/g;
const CONTROLS: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
const WORDS = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);
/** No integer of the data model is longer; `BigInt` must not be given megabytes of digits. */
const MAX_INTEGER_CHARACTERS = '-9007199254740991'.length;

/** Decodes exactly one value from UTF-8. Throws NotPlainError for anything a message must not hold. */
export function decodeJson(data: Uint8Array, depth: number): Plain {
  const cursor = new Cursor(decodeText(data));
  const value = cursor.value(depth);
  cursor.end();
  return value;
}

class Cursor {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): Plain {
    this.#match(SPACE);
    const first = this.#text[this.#at];
    if (first === '{') return this.#map(depth);
    if (first === '[') return this.#array(depth);
    if (first === '"') return this.#string();
    const word = this.#match(WORD);
    return word ? (WORDS.get(word[0]) as Plain) : this.#number();
  }

  end(): void {
    this.#match(SPACE);
    if (this.#at < this.#text.length) this.#fail('the end');
  }

  #map(depth: number): Plain {
    checkDepth(depth);
    const map: Record<string, Plain> = {};
    this.#items('}', () => {
      this.#match(SPACE);
      const key = this.#string();
      checkKey(key);
      if (Object.hasOwn(map, key)) throw new NotPlainError(`key '${key}' comes twice`);
      this.#take(':');
      map[key] = this.value(depth - 1);
    });
    return map;
  }

  #array(depth: number): Plain {
    checkDepth(depth);
    const array: Plain[] = [];
    this.#items(']', () => array.push(this.value(depth - 1)));
    return array;
  }

  /** From the opening bracket through the closing one. */
  #items(close: string, item: () => void): void {
    this.#at += 1;
    if (this.#skips(close)) return;
    do item();
    while (this.#skips(','));
    this.#take(close);
  }

  #string(): string {
    const text = this.#match(TEXT)?.[1];
    if (text === undefined) this.#fail('text');
    const value = text.includes('\\') ? text.replace(ESCAPE, characterOf) : text;
    checkScalar(value);
    return value;
  }

  #number(): number {
    const match = this.#match(NUMBER);
    if (!match) this.#fail('a value');
    const [token, fraction, exponent] = match;
    if (fraction === undefined && exponent === undefined) {
      checkInteger(BigInt(token.slice(0, MAX_INTEGER_CHARACTERS + 1)));
    }
    const value = Number(token);
    checkScalar(value);
    return value;
  }

  #skips(character: string): boolean {
    this.#match(SPACE);
    const found = this.#text[this.#at] === character;
    if (found) this.#at += 1;
    return found;
  }

  #take(character: string): void {
    if (!this.#skips(character)) this.#fail(`'${character}'`);
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match) this.#at = pattern.lastIndex;
    return match;
  }

  #fail(expected: string): never {
    const found = JSON.stringify(this.#text.slice(this.#at, this.#at + 12));
    throw new NotPlainError(`not JSON: expected ${expected} at character ${this.#at}, got ${found}`);
  }
}

function characterOf(_: string, code: string | undefined, character: string): string {
  return code === undefined
    ? (CONTROLS[character] ?? character)
    : String.fromCharCode(Number.parseInt(code, 16));
}
