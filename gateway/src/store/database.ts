/** The database file: opened with the settings that durability needs, its statements prepared once. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { JobError } from '../jobs/job-error.ts';
import { migrate } from './schema.ts';
import { explainStoreError } from './unavailable.ts';

/** Milliseconds to wait for another process's transaction. The host's event loop stands still meanwhile. */
export const BUSY_TIMEOUT_MS = 250;

/** Size of the database file at most: some million jobs. */
export const MAX_DATABASE_BYTES = 4 * 1024 ** 3;

type Values = Record<string, SQLInputValue>;

export class Database {
  readonly file: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #isOpen = true;

  /** Throws STORE_UNAVAILABLE, STORE_TOO_NEW. */
  constructor(file: string, maxBytes: number) {
    this.file = file;
    this.#database = open(file, maxBytes);
  }

  /** All or nothing. Throws STORE_UNAVAILABLE. */
  write<Value>(task: () => Value): Value {
    return this.read(() => {
      this.#database.exec('BEGIN IMMEDIATE');
      try {
        const value = task();
        this.#database.exec('COMMIT');
        return value;
      } catch (error) {
        this.#rollback();
        throw error;
      }
    });
  }

  /** Throws STORE_UNAVAILABLE. */
  read<Value>(task: () => Value): Value {
    if (!this.#isOpen) throw new JobError('STORE_UNAVAILABLE', `the job store ${this.file} was closed`);
    try {
      return task();
    } catch (error) {
      throw explainStoreError(error, this.file);
    }
  }

  all<Row>(sql: string, values: Values = {}): Row[] {
    return this.#statement(sql).all(values) as Row[];
  }

  get<Row>(sql: string, values: Values = {}): Row | undefined {
    return this.#statement(sql).get(values) as Row | undefined;
  }

  /** Returns the number of rows that changed. */
  run(sql: string, values: Values = {}): number {
    return Number(this.#statement(sql).run(values).changes);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#statements.clear();
    this.#database.close();
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql) ?? this.#database.prepare(sql);
    this.#statements.set(sql, known);
    return known;
  }

  #rollback(): void {
    try {
      this.#database.exec('ROLLBACK');
    } catch {
      // SQLite has rolled back by itself, as it does when the disk is full.
    }
  }
}

function open(file: string, maxBytes: number): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(dirname(file), { recursive: true });
    database = new DatabaseSync(file);
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    const { page_size: pageBytes } = database.prepare('PRAGMA page_size').get() as { page_size: number };
    database.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxBytes / pageBytes))}`);
    migrate(database);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    return database;
  } catch (error) {
    database?.close();
    if (error instanceof JobError) throw error;
    throw explainOpenError(error, file);
  }
}

/** Of the folder, where SQLite was not reached. */
function explainOpenError(error: unknown, file: string): unknown {
  const code = error instanceof Error && 'syscall' in error && 'code' in error ? error.code : null;
  if (code === null) return explainStoreError(error, file);
  return new JobError('STORE_UNAVAILABLE', `the folder of the job store ${file} cannot be made: ${code}`, {
    cause: error,
    hint: 'Name a folder that the gateway’s user can write.',
  });
}
