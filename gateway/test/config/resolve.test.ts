/** Options: order of the sources, every problem at once, and the names that operators know. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { effectiveValues, optionHelp, optionTable } from '../../src/config/describe.ts';
import { resolveConfig } from '../../src/config/resolve.ts';

function fileWith(values: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), 'pose-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'gateway.json');
  writeFileSync(file, typeof values === 'string' ? values : JSON.stringify(values));
  return file;
}

function problemOf(argv: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  try {
    resolveConfig(argv, env);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it was accepted');
}

test('without anything there are the defaults', () => {
  const { config, origins } = resolveConfig([], {});
  expect(config).toMatchObject({
    host: ['127.0.0.1', '::1'],
    port: 5000,
    alsoPorts: [],
    poolSize: null,
    timeoutMs: 180_000,
    degradedQueue: 10,
    maxUploadBytes: 2_147_483_648,
    debug: false,
    logDir: '/tmp/pose-service-logs',
    roots: [process.cwd()],
    corsOrigins: [],
    apiKeysFile: null,
    stayUp: false,
  });
  expect(new Set(Object.values(origins))).toEqual(new Set(['default']));
});

test("the previous service's variables are read, under their names", () => {
  const env = {
    POSE_POOL_SIZE: '3',
    POSE_TIMEOUT_MS: '1000',
    POSE_SERVICE_PATH: '/srv/pose',
    DEBUG_MODE: 'true',
    POSE_LOG_DIR: '/var/log/pose',
  };
  expect(resolveConfig([], env).config).toMatchObject({
    poolSize: 3,
    timeoutMs: 1000,
    servicePath: '/srv/pose',
    debug: true,
    logDir: '/var/log/pose',
  });
});

test.for(['', '0', 'false', 'no', 'FALSE'])('DEBUG_MODE=%j is off', (value) => {
  expect(resolveConfig([], { DEBUG_MODE: value }).config.debug).toBe(false);
});

test('flags win over the environment, the environment over the file', () => {
  const file = fileWith({ port: 1, maxQueue: 1, maxUploads: 1, roots: ['/a', '/b'] });
  const env = { POSE_GATEWAY_CONFIG: file, POSE_GATEWAY_PORT: '2', POSE_GATEWAY_MAX_QUEUE: '2' };
  const { config, origins } = resolveConfig(['--port', '3'], env);
  expect(config).toMatchObject({ port: 3, maxQueue: 2, maxUploads: 1, roots: ['/a', '/b'] });
  expect(origins).toMatchObject({
    port: 'flag',
    maxQueue: 'environment',
    maxUploads: 'file',
    host: 'default',
  });
});

test('a list is given by commas, by repetition, or as an array', () => {
  expect(resolveConfig(['--also-port', '3001,3002', '--also-port', '3003'], {}).config.alsoPorts).toEqual([
    3001, 3002, 3003,
  ]);
  const file = fileWith({ alsoPorts: [3001] });
  expect(resolveConfig(['--config', file], {}).config.alsoPorts).toEqual([3001]);
  expect(resolveConfig(['--also-port', '3001,3001', '--also-port', '3001'], {}).config.alsoPorts).toEqual([
    3001,
  ]);
  expect(resolveConfig([], { POSE_GATEWAY_ROOTS: '/a, /b' }).config.roots).toEqual(['/a', '/b']);
});

test('every problem is told at once, with the name under which it was given', () => {
  const file = fileWith({ maxQueue: 'many', nonsense: 1, debug: 3 });
  const problem = problemOf(['--config', file, '--port', '70000'], {
    POSE_POOL_SIZE: 'two',
    POSE_TIMEOUT_MS: '-1',
  });
  for (const part of [
    'CONFIG_INVALID',
    "--port must be an integer from 0 to 65535, got '70000'",
    "POSE_POOL_SIZE must be an integer from 1 to 256, got 'two'",
    "POSE_TIMEOUT_MS must be an integer from 1 to 2147483647, got '-1'",
    "maxQueue in the file must be an integer from 1 to 1000000, got 'many'",
    'debug in the file must be true or false, got 3',
    'there is no option nonsense',
    'pose-gateway serve --help',
  ]) {
    expect(problem).toContain(part);
  }
});

test.for([
  ['an unknown flag', ['--nope'], 'nope'],
  ['a flag without its value', ['--port'], 'port'],
  ['something that is no flag', ['serve'], 'serve'],
  ['a file that is not there', ['--config', '/nope/gateway.json'], '/nope/gateway.json'],
  ['a host name', ['--host', 'example.org'], "--host 'example.org' is no IP address"],
  ['an open address without keys', ['--host', '0.0.0.0'], '--api-keys-file'],
  ['a proxy by name', ['--trust-proxy', 'proxy.example.org'], "--trust-proxy 'proxy.example.org' is no IP"],
  ['every address as a proxy', ['--trust-proxy', '0.0.0.0/0'], "'0.0.0.0/0' is no IP address or network"],
  ['a prefix that is too long', ['--trust-proxy', '10.0.0.0/33'], "'10.0.0.0/33' is no IP"],
  ['a prefix of a prefix', ['--trust-proxy', '10.0.0.0/8/8'], "'10.0.0.0/8/8' is no IP"],
  ['a proxy that is only switched on', ['--trust-proxy', 'true'], "'true' is no IP"],
  ['an origin with a path', ['--cors-origin', 'https://example.org/x'], 'no origin'],
  ['estimator options that are a list', ['--estimator-options', '[1]'], 'a JSON object'],
  ['an empty text', ['--estimator', ''], '--estimator must be text'],
] as const)('%s is refused', ([, argv, said]) => {
  expect(problemOf(argv)).toContain(said);
});

test.for(['[1]', '"text"', '{', 'null'])('a configuration file with %s is refused', (text) => {
  expect(problemOf(['--config', fileWith(text)])).toContain('cannot use the configuration file');
});

test('an open address is taken with keys, or where anonymous clients are allowed', () => {
  expect(resolveConfig(['--host', '0.0.0.0', '--allow-anonymous'], {}).config.allowAnonymous).toBe(true);
  expect(resolveConfig(['--host', '::', '--api-keys-file', '/keys'], {}).config.apiKeysFile).toBe('/keys');
});

test('proxies are addresses and networks; none are trusted unless they are named', () => {
  expect(resolveConfig([], {}).config.trustProxy).toEqual([]);
  const named = resolveConfig(['--trust-proxy', '::1,10.0.0.0/8', '--trust-proxy', 'fd00::/128'], {});
  expect(named.config.trustProxy).toEqual(['::1', '10.0.0.0/8', 'fd00::/128']);
  expect(resolveConfig([], { POSE_GATEWAY_TRUST_PROXY: '127.0.0.1' }).config.trustProxy).toEqual([
    '127.0.0.1',
  ]);
});

describe('the table of options', () => {
  test('has each environment name and flag once', () => {
    const table = optionTable();
    expect(new Set(table.map(({ env }) => env)).size).toBe(table.length);
    expect(new Set(table.map(({ flag }) => flag)).size).toBe(table.length);
    for (const row of table) expect(row.meaning).not.toBe('');
  });

  test('stands in --help and in the effective values', () => {
    const resolved = resolveConfig(['--port', '0'], {});
    const values = effectiveValues(resolved).join('\n');
    expect(values).toContain('port=0 (flag)');
    for (const { name, flag, env } of optionTable()) {
      expect(values).toContain(`${name}=`);
      expect(optionHelp()).toContain(flag);
      expect(optionHelp()).toContain(env);
    }
  });
});
