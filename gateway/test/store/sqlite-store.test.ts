/** The store of the gateway: the interface, and what a file on a disk adds to it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { Database } from '../../src/store/database.ts';
import { SqliteStore, type SqliteStoreOptions } from '../../src/store/sqlite-store.ts';
import { describeStore } from './conformance/index.ts';
import { failed, LEASE_MS, refusal, result } from './conformance/rig.ts';

const folder = mkdtempSync(join(tmpdir(), 'pose-store-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
const newFile = () => {
  files += 1;
  return join(folder, String(files), 'jobs.sqlite');
};

describeStore('jobs in SQLite', (settings) => new SqliteStore({ ...settings, file: newFile() }));

function open(file: string, options: Partial<SqliteStoreOptions> = {}): SqliteStore {
  const store = new SqliteStore({ file, ...options });
  onTestFinished(() => store.close());
  return store;
}

const HOLDER = fileURLToPath(new URL('./holder.ts', import.meta.url));

/** A process that opens the store and claims what there is; resolves with the ids. */
async function startHolder(file: string): Promise<{ holder: ChildProcess; ids: string[] }> {
  const holder = spawn(process.execPath, ['--experimental-strip-types', '--no-warnings', HOLDER, file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    if (holder.exitCode === null && holder.signalCode === null) {
      holder.kill('SIGKILL');
      await once(holder, 'exit');
    }
  });
  const [line] = await once(holder.stdout as NodeJS.ReadableStream, 'data');
  return { holder, ids: JSON.parse(String(line)) };
}

describe('what is written stays', () => {
  test('a store that is opened again has every job as it was', () => {
    const file = newFile();
    const first = new SqliteStore({ file });
    const options = { overlay: false, assemble: { maxGapS: 0.5 } };
    const job = first.submit({ videoPath: '/v/a.mp4', options, idempotencyKey: 'k', role: 'coach' });
    const done = first.submit({ videoPath: '/v/b.mp4', priority: 1 });
    const claimed = first.claim('a', LEASE_MS);
    first.complete(done.id, claimed?.token ?? '', result());
    const finished = first.get(done.id);
    first.close();
    const second = open(file);
    expect(second.get(job.id)).toEqual(job);
    expect(second.get(done.id)).toEqual(finished);
    expect(second.submit({ videoPath: '/v/a.mp4', options, idempotencyKey: 'k', role: 'coach' })).toEqual(
      job,
    );
  });

  test('it is written ahead and through to the disk', () => {
    const database = new Database(newFile(), 1e9);
    onTestFinished(() => database.close());
    expect(database.get('PRAGMA journal_mode')).toEqual({ journal_mode: 'wal' });
    expect(database.get('PRAGMA synchronous')).toEqual({ synchronous: 2 });
  });

  test('two stores of one file never claim the same job', () => {
    const file = newFile();
    const stores = [open(file), open(file)] as const;
    const all = Array.from({ length: 40 }, () => stores[0].submit({ videoPath: '/v/a.mp4' }).id);
    const claimed = all.map((_, turn) =>
      (turn % 2 === 0 ? stores[0] : stores[1]).claim(`o${turn % 2}`, LEASE_MS),
    );
    expect(new Set(claimed.map((one) => one?.job.id))).toEqual(new Set(all));
  });
});

describe('row 72: an owner that was killed', () => {
  test('has its jobs taken at once, and one that lives keeps them', async () => {
    const file = newFile();
    const store = open(file);
    const { id } = store.submit({ videoPath: '/v/a.mp4' });
    const { holder, ids } = await startHolder(file);
    expect(ids).toEqual([id]);
    expect(store.expireLeases()).toEqual([]);
    expect(store.get(id)?.state).toBe('processing');
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(store.expireLeases()).toMatchObject([{ id, state: 'queued' }]);
    expect(store.stats().interruptions).toBe(1);
    expect(readdirSync(`${file}-owners`)).toEqual([]);
  });

  test('that stands still loses its jobs when the lease runs out', async () => {
    const file = newFile();
    let nowMs = 0;
    const store = open(file, { monotonicMs: () => nowMs });
    store.submit({ videoPath: '/v/a.mp4' });
    const { holder } = await startHolder(file);
    holder.kill('SIGSTOP');
    store.expireLeases();
    nowMs += 60_000;
    expect(store.expireLeases()).toHaveLength(1);
    holder.kill('SIGCONT');
  });

  test('whose lock file is gone keeps its jobs until the lease runs out', async () => {
    const file = newFile();
    let nowMs = 0;
    const store = open(file, { monotonicMs: () => nowMs });
    store.submit({ videoPath: '/v/a.mp4' });
    const { holder } = await startHolder(file);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    rmSync(`${file}-owners`, { recursive: true });
    expect(store.expireLeases()).toEqual([]);
    nowMs += 60_000;
    expect(store.expireLeases()).toHaveLength(1);
  });

  test('that is heard of again and again keeps its jobs, however long it works', () => {
    const file = newFile();
    let nowMs = 0;
    const watching = open(file, { monotonicMs: () => nowMs });
    const working = open(file);
    const { id } = working.submit({ videoPath: '/v/a.mp4' });
    const { token = '' } = working.claim('a', LEASE_MS) ?? {};
    for (const _ of [1, 2, 3, 4]) {
      expect(watching.expireLeases()).toEqual([]);
      expect(working.heartbeat(id, token, null, LEASE_MS)).toBe(true);
      nowMs += LEASE_MS * 0.8;
    }
    watching.expireLeases();
    nowMs += LEASE_MS;
    expect(watching.expireLeases()).toMatchObject([{ id, state: 'queued' }]);
  });

  test('closes its lock with the store', () => {
    const file = newFile();
    const store = new SqliteStore({ file });
    store.claim('a', LEASE_MS);
    expect(readdirSync(`${file}-owners`)).toEqual(['a.lock']);
    store.close();
    expect(readdirSync(`${file}-owners`)).toEqual([]);
  });

  test.for(['', '../a', 'a/b', 'x'.repeat(129), 'ü'])('an owner may not be called %j', (owner) => {
    expect(() => open(newFile()).claim(owner, LEASE_MS)).toThrow(TypeError);
  });
});

describe('row 74: the store cannot work', () => {
  test('the disk is full: nothing is accepted, nothing is lost, and it goes on when there is room', () => {
    const file = newFile();
    const store = open(file, { maxQueued: 1e6, maxBytes: 300_000 });
    const options = { text: 'x'.repeat(2_000) };
    const ids: string[] = [];
    const error = refusal(() => {
      for (;;) ids.push(store.submit({ videoPath: '/v/a.mp4', options }).id);
    });
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
    expect(error.message).toMatch(/jobs\.sqlite cannot be used: .* full/);
    expect(error.hint).toContain('Free space');
    expect(ids.length).toBeGreaterThan(10);
    expect(refusal(() => store.submit({ videoPath: '/v/a.mp4', options })).code).toBe('STORE_UNAVAILABLE');
    expect(refusal(() => store.check()).code).toBe('STORE_UNAVAILABLE');
    expect(store.stats().counts.queued).toBe(ids.length);
    expect(ids.every((id) => store.get(id)?.options.text === options.text)).toBe(true);
    store.close();
    const roomy = open(file, { maxQueued: 1e6 });
    expect(roomy.submit({ videoPath: '/v/a.mp4', options }).queuePosition).toBe(ids.length + 1);
  });

  test('another program locks it: every change is refused, and it goes on when the lock is gone', () => {
    const file = newFile();
    const store = open(file);
    const { id } = store.submit({ videoPath: '/v/a.mp4' });
    const { token } = store.claim('a', LEASE_MS) ?? { token: '' };
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    const changes = [
      () => store.submit({ videoPath: '/v/b.mp4' }),
      () => store.claim('a', LEASE_MS),
      () => store.heartbeat(id, token, null, LEASE_MS),
      () => store.complete(id, token, result()),
      () => store.fail(id, token, failed(), null),
      () => store.cancel(id),
      () => store.check(),
    ];
    for (const change of changes) {
      const error = refusal(change);
      expect(error.code).toBe('STORE_UNAVAILABLE');
      expect(error.message).toContain('locked by another process');
    }
    expect(store.get(id)?.state).toBe('processing');
    other.exec('ROLLBACK');
    other.close();
    expect(store.complete(id, token, result())).toBe(true);
    expect(store.stats()).toMatchObject({ counts: { queued: 0, completed: 1 }, lateResults: 0 });
  });

  test('its folder cannot be made', () => {
    const file = newFile();
    open(file);
    const blocked = join(file, 'below-a-file', 'jobs.sqlite');
    const error = refusal(() => new SqliteStore({ file: blocked }));
    expect(error.code).toBe('STORE_UNAVAILABLE');
    expect(error.message).toContain(blocked);
    expect(error.hint).toContain('can write');
  });

  test.skipIf(process.platform !== 'linux')('its folder takes no files', () => {
    const error = refusal(() => new SqliteStore({ file: '/proc/jobs.sqlite' }));
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
    expect(error.message).toContain('cannot be opened');
  });

  test('the file is something else, and stays as it was', () => {
    const file = newFile();
    const text = 'not a database, '.repeat(100);
    mkdirSync(dirname(file));
    writeFileSync(file, text);
    const error = refusal(() => new SqliteStore({ file }));
    expect(error.code).toBe('STORE_UNAVAILABLE');
    expect(error.message).toContain('no database');
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  test('the file is another program’s database, and stays as it was', () => {
    const file = newFile();
    mkdirSync(dirname(file));
    const other = new DatabaseSync(file);
    other.exec('CREATE TABLE theirs (a)');
    other.close();
    const before = readFileSync(file);
    const error = refusal(() => new SqliteStore({ file }));
    expect(error.code).toBe('STORE_UNAVAILABLE');
    expect(error.message).toContain('another program');
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('the file is damaged in the middle', () => {
    const file = newFile();
    const store = new SqliteStore({ file });
    for (let count = 0; count < 200; count += 1)
      store.submit({ videoPath: '/v/a.mp4', options: { text: 'x'.repeat(500) } });
    store.close();
    const bytes = readFileSync(file);
    bytes.fill(0xa5, 4_096, bytes.length - 4_096);
    writeFileSync(file, bytes);
    const error = refusal(() => open(file).list({ limit: 200 }));
    expect(error.code).toBe('STORE_UNAVAILABLE');
    expect(error.message).toContain('damaged');
  });
});

describe('the schema', () => {
  test('of a newer gateway is refused with both versions named, and left untouched', () => {
    const file = newFile();
    const store = new SqliteStore({ file });
    store.submit({ videoPath: '/v/a.mp4' });
    store.close();
    const newer = new DatabaseSync(file);
    newer.exec('PRAGMA user_version = 99');
    newer.close();
    const error = refusal(() => new SqliteStore({ file }));
    expect(error).toMatchObject({ code: 'STORE_TOO_NEW', retryable: false });
    expect(error.message).toContain('schema version 99, this gateway knows up to 1');
    const untouched = new DatabaseSync(file);
    expect(untouched.prepare('SELECT count(*) AS count FROM jobs').get()).toEqual({ count: 1 });
    untouched.close();
  });

  test('is made once, and nothing else is in the folder but its lock files', () => {
    const file = newFile();
    new SqliteStore({ file }).close();
    new SqliteStore({ file }).close();
    expect(readdirSync(join(file, '..'))).toEqual(['jobs.sqlite']);
    expect(existsSync(`${file}-owners`)).toBe(false);
  });
});
