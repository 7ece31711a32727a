/** The tables in the documents that are made from the code: options and error codes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../node-client/test/repository.ts';
import { optionTable } from '../../src/config/describe.ts';
import { errorTable } from '../../src/http/error-codes.ts';

export interface DocumentedCode {
  readonly code: string;
  readonly status: number;
  readonly retryable: boolean;
  readonly meaning: string;
}

/** Each document with its tables: what stands between `<!-- generated: NAME -->` and `<!-- end -->`. */
export const GENERATED: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  'configuration.md': { options: optionRows },
  'http-api.md': { codes: codeRows },
};

export const DOCS = join(ROOT, 'docs');

/** Every code that an answer or a job may carry; the meaning of the shared ones is that of protocol/errors.json. */
export function documentedCodes(): readonly DocumentedCode[] {
  const { codes } = JSON.parse(readFileSync(join(ROOT, 'protocol', 'errors.json'), 'utf8')) as {
    readonly codes: Readonly<Record<string, { readonly meaning: string }>>;
  };
  return errorTable().map((facts) => {
    const meaning = facts.meaning ?? codes[facts.code]?.meaning;
    if (meaning === undefined) throw new Error(`nothing says what ${facts.code} means`);
    return { ...facts, meaning };
  });
}

/** The document with its tables as they should be. Throws when a place for one is missing. */
export function withTables(document: string, tables: Readonly<Record<string, () => string>>): string {
  return Object.entries(tables).reduce((text, [name, render]) => {
    const start = `<!-- generated: ${name} -->`;
    const from = text.indexOf(start);
    const to = text.indexOf('<!-- end -->', from);
    if (from < 0 || to < 0) throw new Error(`there is no place for the table ${name}`);
    return `${text.slice(0, from + start.length)}\n${render()}\n${text.slice(to)}`;
  }, document);
}

function optionRows(): string {
  const rows = optionTable().map(({ name, flag, env, fallback, values, meaning }) => [
    `\`${name}\``,
    `\`${flag}\``,
    `\`${env}\``,
    fallback,
    `${meaning} (${values})`,
  ]);
  return table(['in the file', 'flag', 'environment', 'default', 'meaning'], rows);
}

function codeRows(): string {
  const rows = documentedCodes().map(({ code, status, retryable, meaning }) => [
    `[\`${code}\`](runbook.md#${code.toLowerCase()})`,
    String(status),
    retryable ? 'yes' : 'no',
    meaning,
  ]);
  return table(['code', 'status', 'retryable', 'meaning'], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}
