/** The database's tables and how they came to be: migration n makes version n + 1 of the one before. */
import type { DatabaseSync } from 'node:sqlite';
import { JobError } from '../jobs/job-error.ts';

/** "pose" in ASCII: marks the file as ours. */
export const APPLICATION_ID = 0x706f7365;

export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE jobs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('queued', 'processing', 'completed', 'failed', 'cancelled')),
    priority INTEGER NOT NULL,
    video_path TEXT NOT NULL,
    original_name TEXT,
    role TEXT,
    options TEXT NOT NULL,
    idempotency_key TEXT UNIQUE,
    trace TEXT,
    created_at_s REAL NOT NULL,
    started_at_s REAL,
    completed_at_s REAL,
    due_at_s REAL NOT NULL DEFAULT 0,
    attempt INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    interruptions INTEGER NOT NULL DEFAULT 0,
    best_done INTEGER NOT NULL DEFAULT 0,
    progress TEXT,
    result TEXT,
    error TEXT,
    owner TEXT,
    token TEXT,
    lease_ms REAL,
    beat INTEGER NOT NULL DEFAULT 0,
    directory TEXT AS (result ->> '$.directory') STORED,
    bytes INTEGER AS (result ->> '$.bytes') STORED,
    error_code TEXT AS (error ->> '$.code') STORED
  ) STRICT;
  CREATE INDEX jobs_waiting ON jobs (priority DESC, seq) WHERE state = 'queued';
  CREATE INDEX jobs_by_state ON jobs (state, completed_at_s);
  CREATE INDEX jobs_held ON jobs (owner) WHERE token IS NOT NULL;
  CREATE INDEX jobs_finished ON jobs (completed_at_s, seq) WHERE completed_at_s IS NOT NULL;
  CREATE INDEX jobs_failed ON jobs (error_code) WHERE state = 'failed';
  CREATE INDEX jobs_results ON jobs (directory, bytes) WHERE directory IS NOT NULL;
  CREATE TABLE tallies (name TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE probe (id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
  `,
];

/** Bring a database to the newest version, one transaction per step. Throws STORE_TOO_NEW, and leaves it untouched. */
export function migrate(database: DatabaseSync, migrations: readonly string[] = MIGRATIONS): void {
  const found = readPragma(database, 'user_version');
  refuseForeign(database, found, migrations.length);
  for (const [from, sql] of migrations.entries()) {
    if (from < found) continue;
    database.exec('BEGIN IMMEDIATE');
    try {
      // Another process may have been faster.
      if (readPragma(database, 'user_version') === from) {
        database.exec(sql);
        database.exec(`PRAGMA user_version = ${from + 1}; PRAGMA application_id = ${APPLICATION_ID}`);
      }
      database.exec('COMMIT');
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  }
}

function refuseForeign(database: DatabaseSync, found: number, known: number): void {
  const application = readPragma(database, 'application_id');
  const isEmpty = found === 0 && application === 0 && readPragma(database, 'page_count') <= 1;
  if (!isEmpty && application !== APPLICATION_ID) {
    throw new JobError('STORE_UNAVAILABLE', 'the file of the job store is a database of another program', {
      hint: 'Name another file; this one was left as it is.',
    });
  }
  if (found > known) {
    throw new JobError(
      'STORE_TOO_NEW',
      `the job store has schema version ${found}, this gateway knows up to ${known}`,
      { hint: 'Start the newer version of the gateway, or name another file for the store.' },
    );
  }
}

function readPragma(database: DatabaseSync, name: string): number {
  return Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
}
