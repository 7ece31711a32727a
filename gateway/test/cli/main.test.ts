/** The commands of operators: help, configuration, jobs. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { SqliteStore } from '../../src/store/sqlite-store.ts';

let out: string[];
let err: string[];

beforeEach(() => {
  out = [];
  err = [];
  vi.spyOn(console, 'log').mockImplementation((line) => void out.push(String(line)));
  vi.spyOn(console, 'error').mockImplementation((line) => void err.push(String(line)));
});
afterEach(() => vi.restoreAllMocks());

test.for([
  [['--help'], 'pose-gateway serve'],
  [['help'], 'pose-gateway jobs'],
  [['serve', '--help'], '--also-port'],
  [['jobs', '--help'], 'jobs cancel ID'],
  [['config', '--help'], 'POSE_TIMEOUT_MS'],
  [['--version'], '0.'],
] as const)('%j answers and ends with 0', async ([argv, said]) => {
  expect(await main(argv)).toBe(0);
  expect(out.join('\n')).toContain(said);
  expect(err).toEqual([]);
});

test.for([
  [[], 'Usage:'],
  [['nope'], 'there is no command nope'],
  [['serve', '--nope'], 'nope'],
  [['serve', '--port', 'x'], '--port must be'],
  [['config', '--port', 'x'], '--port must be'],
  [['jobs', 'nope'], 'there is no command nope'],
  [['jobs', 'show'], 'needs the id'],
  [['jobs', 'list', 'x'], 'too many arguments'],
  [['jobs', 'list', '--state', 'lost'], '--state must be one of'],
  [['jobs', 'list', '--limit', '0'], '--limit must be'],
  [['jobs', 'list', '--nope'], 'nope'],
] as const)('%j is wrong usage: 2, with what is wrong on standard error', async ([argv, said]) => {
  expect(await main(argv)).toBe(2);
  expect(err.join('\n')).toContain(said);
});

test('config prints every value with its source', async () => {
  expect(await main(['config', '--port', '5001'])).toBe(0);
  expect(out.join('\n')).toContain('port=5001 (flag)');
  expect(out.join('\n')).toContain('timeoutMs=');
});

describe('jobs', () => {
  let dataDir: string;
  let ids: string[];

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'pose-cli-'));
    const store = new SqliteStore({ file: join(dataDir, 'jobs.sqlite') });
    ids = ['/videos/a.mp4', '/videos/b.mp4'].map((videoPath) => store.submit({ videoPath }).id);
    store.close();
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  const jobs = (...argv: string[]) => main(['jobs', ...argv, '--data-dir', dataDir]);

  test('are listed newest first, one line each', async () => {
    expect(await jobs('list')).toBe(0);
    const lines = out.join('\n').split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(new RegExp(`^${ids[1]}  queued      .*Z  attempt 0  /videos/b.mp4$`));
  });

  test('are listed by state, bounded, as JSON', async () => {
    await jobs('list', '--state', 'failed');
    expect(out).toEqual(['no jobs']);
    out.length = 0;
    await jobs('list', '--limit', '1', '--json');
    expect(JSON.parse(out.join(''))).toMatchObject([{ id: ids[1], state: 'queued' }]);
  });

  test('are shown, cancelled and started anew', async () => {
    const [id = ''] = ids;
    expect(await jobs('show', id)).toBe(0);
    expect(JSON.parse(out.join(''))).toMatchObject({ id, video_path: '/videos/a.mp4' });
    expect(await jobs('cancel', id)).toBe(0);
    expect(out.at(-1)).toContain('cancelled');
    expect(await jobs('retry', id)).toBe(0);
    expect(out.at(-1)).toContain('queued');
  });

  test.for(['show', 'cancel', 'retry'])('%s of an unknown id ends with 1', async (command) => {
    expect(await jobs(command, 'nope')).toBe(1);
    expect(err.join('')).toContain('JOB_NOT_FOUND');
  });

  test('a job that waits does not start anew: 1, and the next step', async () => {
    expect(await jobs('retry', ids[0] ?? '')).toBe(1);
    expect(err.join('')).toContain('JOB_NOT_FINISHED');
  });

  test('a directory without jobs is said, and not made', async () => {
    expect(await main(['jobs', 'list', '--data-dir', join(dataDir, 'nope')])).toBe(1);
    expect(err.join('')).toContain('there are no jobs in');
  });
});
