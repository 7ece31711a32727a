/** Reads byte streams, one per line of hex, and prints what this half makes of each. tests/wire/test_differential.py */
import { createInterface } from 'node:readline';
import { collect } from '../collect.ts';

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(collect([Buffer.from(line, 'hex')]))}\n`);
}
