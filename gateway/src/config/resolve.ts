/** Options are collected and checked once, here: flags win over the environment, the environment over the file. */
import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { PoseError } from 'pose-sidecar';
import { type Option, shown } from './kinds.ts';
import { type Config, OPTIONS, type OptionName } from './options.ts';

const DEFAULT_FILE = 'pose-gateway.json';

export type Origin = 'flag' | 'environment' | 'file' | 'default';

export interface Resolved {
  readonly config: Config;
  /** Where each value comes from. */
  readonly origins: Readonly<Record<OptionName, Origin>>;
}

type Given = Readonly<Partial<Record<OptionName, unknown>>>;

const NAMES = Object.keys(OPTIONS) as OptionName[];
/** A file does not name the next one. */
const IN_FILE: ReadonlySet<string> = new Set(NAMES.filter((name) => name !== 'config'));

/** Throws CONFIG_INVALID with every problem at once. */
export function resolveConfig(argv: readonly string[], env: NodeJS.ProcessEnv = process.env): Resolved {
  const problems: string[] = [];
  const flags = fromFlags(argv, problems);
  const environment = fromEnvironment(env);
  const said = (name: OptionName) => read(name, flags, environment, {}, problems);
  const file = fromFile(said('config').value as string | null, problems);
  const entries = NAMES.map((name) => [name, read(name, flags, environment, file, problems)] as const);
  const config = Object.fromEntries(entries.map(([name, { value }]) => [name, value])) as Config;
  const origins = Object.fromEntries(entries.map(([name, { origin }]) => [name, origin]));
  problems.push(...misfits(config));
  if (problems.length > 0) {
    throw new PoseError('CONFIG_INVALID', [...new Set(problems)].join('; '), {
      hint: 'Correct these options; `pose-gateway serve --help` lists them all.',
    });
  }
  const absolute = { dataDir: resolve(config.dataDir), roots: config.roots.map((root) => resolve(root)) };
  return { config: { ...config, ...absolute }, origins: origins as Resolved['origins'] };
}

function read(
  name: OptionName,
  flags: Given,
  environment: Given,
  file: Given,
  problems: string[],
): { readonly value: unknown; readonly origin: Origin } {
  const option = OPTIONS[name] as Option<unknown>;
  const sources = [
    ['flag', `--${option.flag}`, flags[name]],
    ['environment', option.env, environment[name]],
    ['file', `${name} in the file`, file[name]],
  ] as const;
  const [origin, called, given] = sources.find(([, , value]) => value !== undefined) ?? ['default', '', null];
  if (origin === 'default') return { value: option.fallback, origin };
  const value = option.read(given);
  if (value === null) problems.push(`${called} must be ${option.values}, got ${shown(given)}`);
  return { value: value ?? option.fallback, origin };
}

function fromFlags(argv: readonly string[], problems: string[]): Given {
  const options = Object.fromEntries(
    NAMES.map((name) => {
      const { flag, isSwitch, isList } = OPTIONS[name];
      return [flag, { type: isSwitch ? ('boolean' as const) : ('string' as const), multiple: isList }];
    }),
  );
  try {
    const { values } = parseArgs({ args: [...argv], options, strict: true, allowPositionals: false });
    return Object.fromEntries(NAMES.map((name) => [name, values[OPTIONS[name].flag]]));
  } catch (error) {
    problems.push(String((error as Error).message).split('. ')[0] ?? '');
    return {};
  }
}

/** A variable that is set to nothing counts as not set, as in the previous service. */
function fromEnvironment(env: NodeJS.ProcessEnv): Given {
  return Object.fromEntries(NAMES.map((name) => [name, env[OPTIONS[name].env] || undefined]));
}

function fromFile(path: string | null, problems: string[]): Given {
  if (path === null && !existsSync(DEFAULT_FILE)) return {};
  const file = path ?? DEFAULT_FILE;
  try {
    const values: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof values !== 'object' || values === null || Array.isArray(values)) {
      throw new Error('it must hold one JSON object');
    }
    for (const name of Object.keys(values)) {
      if (!IN_FILE.has(name)) problems.push(`there is no option ${name}, which is in ${file}`);
    }
    return values;
  } catch (error) {
    problems.push(`cannot use the configuration file ${file}: ${(error as Error).message}`);
    return {};
  }
}

/** What no option shows by itself. */
function misfits(config: Config): string[] {
  const { host, apiKeysFile, allowAnonymous, corsOrigins, trustProxy } = config;
  const wrong = host
    .filter((address) => isIP(address) === 0)
    .map((address) => `--host ${shown(address)} is no IP address`);
  if (host.length === 0) wrong.push('--host must name at least one address');
  const open = host.filter((address) => isIP(address) !== 0 && !isLoopback(address));
  if (open.length > 0 && apiKeysFile === null && !allowAnonymous) {
    wrong.push(
      `--host ${open.join(',')} can be reached from other machines: give --api-keys-file, or --allow-anonymous where the network is trusted`,
    );
  }
  for (const proxy of trustProxy.filter((proxy) => !isNetwork(proxy)))
    wrong.push(`--trust-proxy ${shown(proxy)} is no IP address or network such as 10.0.0.0/8`);
  for (const origin of corsOrigins) {
    if (!/^https?:\/\/[^/]+$/.test(origin))
      wrong.push(`--cors-origin ${shown(origin)} is no origin such as https://example.org`);
  }
  return wrong;
}

/** An address, or one with the length of its prefix; a network of every address would let any client name its own. */
function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0 || address.includes('%')) return false;
  if (bits === undefined) return true;
  return /^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128);
}

export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}
