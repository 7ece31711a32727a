/** The options for people: the table for the documents and `--help`, and the effective values for the log. */
import type { Option } from './kinds.ts';
import { OPTIONS, type OptionName } from './options.ts';
import type { Resolved } from './resolve.ts';

export interface OptionFacts {
  readonly name: string;
  readonly env: string;
  readonly flag: string;
  readonly values: string;
  readonly fallback: string;
  readonly meaning: string;
}

/** One row per option, in the order of the table. */
export function optionTable(): readonly OptionFacts[] {
  return Object.entries(OPTIONS as Record<string, Option<unknown>>).map(([name, option]) => ({
    name,
    env: option.env,
    flag: `--${option.flag}`,
    values: option.values,
    fallback: option.fallbackSaid ?? said(option.fallback),
    meaning: option.meaning,
  }));
}

/** `name=value (origin)` of every option; no option holds a secret, keys stand in a file of their own. */
export function effectiveValues({ config, origins }: Resolved): readonly string[] {
  return (Object.keys(OPTIONS) as OptionName[]).map(
    (name) => `${name}=${said(config[name] ?? OPTIONS[name].fallbackSaid)} (${origins[name]})`,
  );
}

/** The options as `--help` lists them. */
export function optionHelp(): string {
  const rows = optionTable();
  const width = Math.max(...rows.map(({ flag }) => flag.length));
  return rows
    .map(
      ({ flag, env, fallback, meaning }) =>
        `  ${flag.padEnd(width)}  ${meaning} [${env}; default: ${fallback}]`,
    )
    .join('\n');
}

function said(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(',');
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}
