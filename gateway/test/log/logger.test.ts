/** Lines of the log as text and as JSON: with the words that its readers look for, without what they may not see. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { resolveConfig } from '../../src/config/resolve.ts';
import { openLog } from '../../src/log/logger.ts';
import { daemonLogger, poolLogger } from '../../src/log/pool-log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pose-logger-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

function open(...flags: string[]) {
  const lines: string[] = [];
  const { config } = resolveConfig(['--log-dir', folder, ...flags], {});
  const { log, close } = openLog(config, { write: (line) => void lines.push(line) });
  onTestFinished(close);
  return {
    log,
    lines,
    file: () => readFileSync(join(folder, `pose-service-gateway-${process.pid}.log`), 'utf8'),
  };
}

test('text has `job_id: <id>`, on the console and in the file', () => {
  const { log, lines, file } = open('--log-format', 'text');
  log.info({ job_id: 'a-b-c', attempt: 2 }, 'attempt 2 starts');
  for (const text of [lines.join(''), file()]) {
    expect(text).toMatch(/INFO: attempt 2 starts job_id: a-b-c \{"attempt":2\}/);
    expect(text.trimEnd().split('\n')).toHaveLength(1);
  }
});

test('JSON is one object a line', () => {
  const { log, lines } = open('--log-format', 'json');
  log.warn({ job_id: 'a' }, 'two\nlines');
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 40,
    job_id: 'a',
    msg: 'two\nlines',
    service: 'pose-gateway',
  });
});

test('debug lines come with --debug only', () => {
  for (const [flags, count] of [
    [[], 0],
    [['--debug'], 1],
  ] as const) {
    const { log, lines } = open(...flags);
    log.debug('x');
    expect(lines).toHaveLength(count);
  }
});

test('secrets are hidden wherever they stand', () => {
  const { log, lines, file } = open('--log-format', 'json');
  const headers = { authorization: 'Bearer s3cret', cookie: 's3cret', 'x-api-key': 's3cret' };
  log.info({ headers, ...headers, request: headers }, 'a request');
  for (const text of [lines.join(''), file()]) expect(text).not.toContain('s3cret');
});

test("a daemon's lines keep their level and their facts; native code's are taken as they are", () => {
  const { log, lines } = open('--log-format', 'json', '--debug');
  const take = daemonLogger(log);
  take('{"level":"WARNING","message":"slow","time":"t","pid":1,"trace":"00-ab"}', { pid: 7 });
  take('libpng warning: x', { pid: 7 });
  take('{"half', { pid: 7 });
  take('{"level":"NOVEL","message":"y"}', { pid: 7 });
  take('x'.repeat(10_000), { pid: 7 });
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 40, msg: 'slow', daemon_pid: 7, trace: '00-ab' },
    { level: 30, msg: 'libpng warning: x', daemon_pid: 7 },
    { level: 30, msg: '{"half' },
    { level: 30, msg: 'y' },
    { level: 30, msg: 'x'.repeat(4_096) },
  ]);
});

test("the pool's lines keep their level and facts", () => {
  const { log, lines } = open('--log-format', 'json');
  poolLogger(log)({ level: 'error', event: 'breaker', message: 'open', from: 'closed' });
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 50,
    event: 'breaker',
    msg: 'open',
    from: 'closed',
  });
});
