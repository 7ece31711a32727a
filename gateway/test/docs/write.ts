/** Writes the generated tables into the documents; run by scripts/gen-docs. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DOCS, GENERATED, withTables } from './tables.ts';

const isCheck = process.argv.includes('--check');
for (const [name, tables] of Object.entries(GENERATED)) {
  const file = join(DOCS, name);
  const before = readFileSync(file, 'utf8');
  const after = withTables(before, tables);
  if (after === before) continue;
  console.log(`${isCheck ? 'differs' : 'wrote'}: docs/${name}`);
  if (isCheck) process.exitCode = 1;
  else writeFileSync(file, after);
}
