/** The files in deploy/ hold together and fit the gateway. Nothing is built or started: there is no docker and no systemd. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { NOT_READY, USAGE } from '../../src/cli/exit-codes.ts';
import { OPTIONS } from '../../src/config/options.ts';
import { resolveConfig } from '../../src/config/resolve.ts';
import { ROOT } from '../http/rig.ts';
import { readYaml } from './ops-files.ts';

const DEPLOY = join(ROOT, 'deploy');
const read = (name: string) => readFileSync(join(DEPLOY, name), 'utf8');

/** Variables that the gateway or its daemons know, and those of Node and of the system. */
const VARIABLES: ReadonlySet<string> = new Set([
  ...Object.values(OPTIONS).map(({ env }) => env as string),
  'POSE_CACHE_DIR',
  'NODE_ENV',
  'PATH',
]);
/** Seconds within which the gateway ends after SIGTERM. */
const END_S = 10;

describe('Dockerfile', () => {
  const instructions = instructionsOf(read('Dockerfile'));
  const starts = instructions.flatMap(({ word }, index) => (word === 'FROM' ? [index] : []));
  const last = instructions.slice(starts.at(-1));
  const only = (word: string) => {
    const found = last.filter((instruction) => instruction.word === word);
    expect(found).toHaveLength(1);
    return found[0]?.rest ?? '';
  };

  test('has instructions that there are', () => {
    const known = 'FROM WORKDIR COPY RUN ENV USER VOLUME EXPOSE HEALTHCHECK ENTRYPOINT CMD'.split(' ');
    expect(instructions.map(({ word }) => word).filter((word) => !known.includes(word))).toEqual([]);
  });

  test('has several stages, each on a named version', () => {
    expect(starts.length).toBeGreaterThan(1);
    for (const index of starts) expect(instructions[index]?.rest).toMatch(/^[a-z]+:\d[\w.-]*( AS [a-z]+)?$/);
  });

  test('copies what there is: from the repository, or from a stage before', () => {
    const stages = new Set<string>();
    for (const { word, rest } of instructions) {
      const stage = word === 'FROM' ? / AS (\w+)$/.exec(rest)?.[1] : undefined;
      if (stage) stages.add(stage);
      if (word !== 'COPY') continue;
      const from = /^--from=(\w+) /.exec(rest)?.[1];
      const sources = rest.split(' ').slice(from ? 1 : 0, -1);
      if (from) expect(stages).toContain(from);
      else for (const source of sources) expect(existsSync(join(ROOT, source)), source).toBe(true);
    }
  });

  test('runs as somebody who is not root, from then on', () => {
    expect(only('USER')).toBe('node');
    const user = last.findIndex(({ word }) => word === 'USER');
    expect(last.slice(user).filter(({ word }) => word === 'RUN')).toEqual([]);
  });

  test('is healthy when it can work', () => {
    const [, command = ''] = only('HEALTHCHECK').split(' CMD ');
    const [program, , script] = JSON.parse(command) as string[];
    expect(program).toBe('node');
    expect(script).toContain(`http://127.0.0.1:${OPTIONS.port.fallback}/readyz`);
    expect(only('EXPOSE')).toBe(String(OPTIONS.port.fallback));
  });

  test('starts the program without a shell or npm between', () => {
    expect(JSON.parse(only('ENTRYPOINT'))).toEqual(['node', 'gateway/bin/pose-gateway.cjs']);
    expect(existsSync(join(ROOT, 'gateway', 'bin', 'pose-gateway.cjs'))).toBe(true);
    expect(JSON.parse(only('CMD'))).toEqual(['serve']);
  });

  test('its variables are known, and with keys they are a valid configuration', () => {
    const env = Object.fromEntries(
      [...only('ENV').matchAll(/(\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]),
    );
    expect(Object.keys(env).filter((name) => !VARIABLES.has(name))).toEqual([]);
    expect(() => resolveConfig([], env)).toThrow('--api-keys-file');
    const { config } = resolveConfig([], {
      ...env,
      POSE_GATEWAY_API_KEYS_FILE: '/run/secrets/pose_api_keys',
    });
    expect(config.host).toEqual(['0.0.0.0']);
    expect(only('VOLUME')).toBe(config.dataDir);
  });

  test('leaves out of its context what a checkout gathers', () => {
    const ignored = read('Dockerfile.dockerignore').split('\n');
    for (const name of ['.git', '.venv', '.models', '**/node_modules']) expect(ignored).toContain(name);
    const copied = instructions.filter(({ word, rest }) => word === 'COPY' && !rest.startsWith('--from'));
    for (const { rest } of copied) {
      for (const source of rest.split(' ').slice(0, -1)) expect(ignored).not.toContain(source);
    }
  });
});

describe('compose.yml', () => {
  const { services, volumes, secrets } = readYaml(join(DEPLOY, 'compose.yml')) as {
    // biome-ignore lint/suspicious/noExplicitAny: looked into field by field
    readonly services: Readonly<Record<string, any>>;
    readonly volumes: object;
    readonly secrets: Readonly<Record<string, { readonly file: string }>>;
  };
  const { gateway } = services;

  test('builds our Dockerfile and gives it what it declares', () => {
    expect(Object.keys(services)).toEqual(['gateway']);
    expect(existsSync(join(DEPLOY, gateway.build.context, gateway.build.dockerfile))).toBe(true);
    expect(gateway.volumes[0].split(':')).toEqual([Object.keys(volumes)[0], '/data']);
    expect(gateway.volumes[1]).toMatch(/:\/videos:ro$/);
  });

  test('keys are a secret that is not in the repository', () => {
    expect(gateway.secrets).toEqual(Object.keys(secrets));
    expect(gateway.environment.POSE_GATEWAY_API_KEYS_FILE).toBe(`/run/secrets/${Object.keys(secrets)[0]}`);
    expect(read('.gitignore').split('\n')).toContain(secrets.pose_api_keys?.file.replace('./', ''));
    expect(Object.keys(gateway.environment).filter((name) => !VARIABLES.has(name))).toEqual([]);
  });

  test('may do little, is reached from this machine only, and has time to end', () => {
    expect(gateway).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      ports: ['127.0.0.1:5000:5000'],
      init: true,
    });
    expect(Number.parseInt(gateway.stop_grace_period, 10)).toBeGreaterThan(END_S);
  });
});

describe('pose-gateway.service', () => {
  const unit = sectionsOf(read('pose-gateway.service'));
  const service = unit.get('Service') ?? new Map<string, string[]>();
  const value = (key: string) => service.get(key)?.join(' ');
  const { config } = resolveConfig(['--config', join(DEPLOY, 'pose-gateway.json')], {});

  test('has the three sections, and no key twice but Environment', () => {
    expect([...unit.keys()]).toEqual(['Unit', 'Service', 'Install']);
    for (const [key, values] of service) if (key !== 'Environment') expect(values, key).toHaveLength(1);
  });

  test('starts our program as somebody else than root', () => {
    expect(value('ExecStart')).toMatch(/^\/\S+\/node_modules\/\.bin\/pose-gateway serve --config \/\S+$/);
    expect(value('User')).toBe('pose');
    const names = (service.get('Environment') ?? []).map((line) => line.split('=')[0] ?? '');
    expect(names.filter((name) => !VARIABLES.has(name))).toEqual([]);
  });

  test('stops as the gateway stops, and does not repeat what cannot help', () => {
    expect(value('RestartPreventExitStatus')).toBe(`${USAGE} ${NOT_READY}`);
    expect(value('KillMode')).toBe('mixed');
    expect(Number(value('TimeoutStopSec'))).toBeGreaterThan(END_S);
  });

  test('lets it write where its configuration says, and nowhere else', () => {
    expect(value('ProtectSystem')).toBe('strict');
    expect(config.dataDir).toBe(`/var/lib/${value('StateDirectory')}`);
    expect(config.logDir).toBe(`/var/log/${value('LogsDirectory')}`);
    expect(service.get('Environment')).toContain(`POSE_CACHE_DIR=/var/cache/${value('CacheDirectory')}`);
    expect(value('ReadWritePaths')).toBeUndefined();
  });

  test.for([
    ['NoNewPrivileges', 'true'],
    ['ProtectHome', 'true'],
    ['PrivateTmp', 'true'],
    ['RestrictNamespaces', 'true'],
    ['CapabilityBoundingSet', ''],
    ['SystemCallFilter', '@system-service'],
  ] as const)('%s=%s', ([key, wanted]) => {
    expect(value(key)).toBe(wanted);
  });
});

function instructionsOf(text: string): readonly { readonly word: string; readonly rest: string }[] {
  const lines = text
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => ({ word: line.split(' ')[0] ?? '', rest: line.slice(line.indexOf(' ') + 1) }));
}

function sectionsOf(text: string): Map<string, Map<string, string[]>> {
  const sections = new Map<string, Map<string, string[]>>();
  let section = new Map<string, string[]>();
  for (const line of text.split('\n').filter((one) => one !== '' && !one.startsWith('#'))) {
    const name = /^\[(\w+)\]$/.exec(line)?.[1];
    if (name !== undefined) {
      section = new Map();
      sections.set(name, section);
      continue;
    }
    const [, key = '', value = ''] = /^([A-Z]\w+)=(.*)$/.exec(line) ?? [];
    expect(key, `no line of a unit: ${line}`).not.toBe('');
    section.set(key, [...(section.get(key) ?? []), value]);
  }
  return sections;
}
