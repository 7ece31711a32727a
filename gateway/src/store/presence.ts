/**
 * Tells whether another process lives, by a lock that the system drops when it ends, however it ends. Unlike a process id
 * it cannot be mistaken for another's, in another container too. SQLite brings the only file lock that Node has.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isBusy } from './unavailable.ts';

/** What a name of an owner may be: it becomes a file name. */
export const OWNER = /^[A-Za-z0-9._-]{1,128}$/;

export class Presence {
  readonly #folder: string;
  readonly #held = new Map<string, DatabaseSync>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Show that `owner` lives, until `close` or the end of this process. */
  hold(owner: string): void {
    if (this.#held.has(owner)) return;
    mkdirSync(this.#folder, { recursive: true });
    const lock = lockFile(this.#file(owner));
    if (lock === null) throw new Error(`the owner ${owner} is another living process`);
    this.#held.set(owner, lock);
  }

  /** Is it certain that this owner has ended? */
  isGone(owner: string): boolean {
    const file = this.#file(owner);
    if (this.#held.has(owner) || !existsSync(file)) return false;
    const lock = lockFile(file);
    if (lock === null) return false;
    lock.close();
    rmSync(file, { force: true });
    return true;
  }

  close(): void {
    for (const [owner, lock] of this.#held) {
      lock.close();
      rmSync(this.#file(owner), { force: true });
    }
    this.#held.clear();
  }

  #file(owner: string): string {
    return join(this.#folder, `${owner}.lock`);
  }
}

/** Null when somebody else has it. */
function lockFile(file: string): DatabaseSync | null {
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    if (isBusy(error)) return null;
    throw error;
  }
}
