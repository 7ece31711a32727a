/** Prints COUNT random messages as this half writes them, from SEED. tests/wire/test_differential.py */
import { encodeFrame, type SendableMessage } from '../../../src/wire/frame-writer.ts';
import { TYPE_CODES } from '../../../src/wire/header.ts';

const [seed = 1, count = 100] = process.argv.slice(2).map(Number);
const TYPES = Object.keys(TYPE_CODES);
const ALPHABET = ['a', 'Z', '"', '\\', '\n', '\u0000', '\u007f', 'é', '漢', '😀', '\ufeff', '\u2028'];
const NUMBERS = [
  0,
  -1,
  127,
  128,
  255,
  256,
  -32,
  -33,
  65_536,
  2 ** 32,
  2 ** 53 - 1,
  1 - 2 ** 53,
  0.1,
  -1.5e-7,
  5e-324,
];
let state = seed;

for (let i = 0; i < count; i += 1) {
  const type = pick(TYPES);
  const message = { type, ...pick([{}, { id: 1 + below(1e6) }, { id: 0xfffffffe }]), ...map(4) };
  const sent = Buffer.from(Array.from({ length: below(40) }, () => below(256)));
  const { head, body } = encodeFrame(message as unknown as SendableMessage, sent, { jsonMeta: chance(0.5) });
  const bytes = Buffer.concat([head, body]).toString('hex');
  process.stdout.write(`${JSON.stringify({ bytes, frames: [{ message, body: sent.toString('hex') }] })}\n`);
}

function value(depth: number): unknown {
  const kind = below(depth > 0 ? 7 : 5);
  if (kind === 0) return pick([null, true, false]);
  if (kind < 3) return chance(0.5) ? pick(NUMBERS) : (random() - 0.5) * 10 ** below(15);
  if (kind < 5) return text(pick([0, 3, 31, 32, 300]));
  return kind === 5 ? Array.from({ length: pick([0, 2, 17]) }, () => value(depth - 1)) : map(depth - 1);
}

function map(depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Array.from({ length: pick([0, 1, 3, 17]) }, (_, index) => [`k${index}${text(2)}`, value(depth)]),
  );
}

function text(length: number): string {
  return Array.from({ length }, () => pick(ALPHABET)).join('');
}

function pick<Item>(items: readonly Item[]): Item {
  return items[below(items.length)] as Item;
}

function chance(probability: number): boolean {
  return random() < probability;
}

function below(limit: number): number {
  return Math.floor(random() * limit);
}

/** mulberry32: small, seeded, good enough to vary inputs. */
function random(): number {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}
