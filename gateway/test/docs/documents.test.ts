/** What the operators' documents say of the code is what the code says: tables, codes, alerts, routes, defaults. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { NOT_READY, USAGE } from '../../src/cli/exit-codes.ts';
import { OPTIONS } from '../../src/config/options.ts';
import { resolveConfig } from '../../src/config/resolve.ts';
import { MAX_STREAMS } from '../../src/http/v1/events.ts';
import { MAX_INTERRUPTIONS } from '../../src/jobs/limits.ts';
import { KEPT_BYTES, KEPT_FILES, MAX_WAITING } from '../../src/results/renditions.ts';
import { FIGURES, HAS_PYTHON, startGateway } from '../http/rig.ts';
import { alerts } from './ops-files.ts';
import { DOCS, documentedCodes, GENERATED, withTables } from './tables.ts';

const read = (name: string) => readFileSync(join(DOCS, name), 'utf8');
const headings = (text: string) => [...text.matchAll(/^### (\S+)$/gm)].map(([, title = '']) => title);

describe('generated tables', () => {
  test.for(Object.entries(GENERATED))('%s is as scripts/gen-docs writes it', ([name, tables]) => {
    expect(read(name)).toBe(withTables(read(name), tables));
  });

  test('a document without a place for its table is refused', () => {
    expect(() => withTables('text', { options: () => '' })).toThrow('no place for the table options');
  });

  test('every option and every code has its row', () => {
    for (const name of Object.keys(OPTIONS))
      expect(read('configuration.md')).toContain(`| \`${name}\` | \`--`);
    for (const { code, status } of documentedCodes()) {
      expect(read('http-api.md')).toContain(
        `| [\`${code}\`](runbook.md#${code.toLowerCase()}) | ${status} |`,
      );
    }
  });

  test('no code stands for two things', () => {
    const codes = documentedCodes().map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });
});

describe('the runbook', () => {
  const entries = headings(read('runbook.md'));

  test('has one entry for each alert and each code, and no other', () => {
    const wanted = [...alerts().map(({ alert }) => alert), ...documentedCodes().map(({ code }) => code)];
    expect(entries.toSorted()).toEqual(wanted.toSorted());
  });

  test.for(entries)('%s says something', (entry) => {
    const body = read('runbook.md').split(`### ${entry}\n`)[1]?.split(/^#/m)[0]?.trim() ?? '';
    expect(body.length).toBeGreaterThan(30);
  });

  test('its limits are the code’s', () => {
    const text = read('runbook.md');
    expect(text).toContain(`${MAX_STREAMS} event streams are open`);
    expect(text).toContain(`The gateway ended ${MAX_INTERRUPTIONS} times in a row`);
    expect(text).toContain(`${USAGE} wrong options; ${NOT_READY} no daemon can be started`);
    expect(text).toContain(`Processing timeout (exceeded ${OPTIONS.timeoutMs.fallback}ms)`);
  });

  test('the HTTP page tells the bounds of reports and exports', () => {
    const text = read('http-api.md').replaceAll('\n', ' ');
    expect(text).toContain(`at most ${KEPT_FILES} of them, and ${KEPT_BYTES / 1024 ** 3} GiB`);
    expect(text).toContain(`${MAX_WAITING} may wait`);
  });

  test('options that it and its neighbours name exist', () => {
    const flags = new Set(Object.values(OPTIONS).map(({ flag }) => `--${flag}`));
    for (const name of ['runbook.md', 'troubleshooting.md', 'deployment.md']) {
      const named = [...read(name).matchAll(/`(--[a-z-]+)/g)].map(([, flag = '']) => flag);
      expect(named.filter((flag) => !flags.has(flag))).toEqual([]);
    }
  });
});

test('the configuration file that is shown is valid', () => {
  const shown = /<!-- file -->\n```json\n([^`]*)```/.exec(read('configuration.md'))?.[1] ?? '';
  const folder = mkdtempSync(join(tmpdir(), 'pose-shown-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'pose-gateway.json');
  writeFileSync(file, shown);
  const { config, origins } = resolveConfig(['--config', file], {});
  expect(config.alsoPorts).toEqual([3001]);
  expect(Object.values(origins).filter((origin) => origin === 'file')).toHaveLength(
    Object.keys(JSON.parse(shown)).length,
  );
});

test.skipIf(!HAS_PYTHON)('the routes are those of the gateway', async () => {
  const rig = await startGateway(FIGURES, { isReady: false });
  try {
    const { paths } = (await rig.get('/openapi.json')).body as {
      readonly paths: Readonly<Record<string, object>>;
    };
    const real = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const written = [...read('http-api.md').matchAll(/^\| `((?:GET|POST|DELETE) [^`]+)` \|/gm)].map(
      ([, route]) => route,
    );
    expect(written.toSorted()).toEqual(real.toSorted());
  } finally {
    await rig.close();
  }
});
