/** Finished jobs in the database, as retention looks at them. */
import { type FinishedJob, FORGET_AT_ONCE, type History } from '../jobs/forgettable.ts';
import type { Database } from './database.ts';

interface Row {
  readonly id: string;
  readonly completed_at_s: number;
  readonly directory: string | null;
  readonly bytes: number | null;
}

/** A cancelled job whose attempt has not ended is not over yet. */
const IS_OVER = 'completed_at_s IS NOT NULL AND token IS NULL';

export function oldestFinished(database: Database): FinishedJob[] {
  return database
    .all<Row>(
      `SELECT id, completed_at_s, directory, bytes FROM jobs WHERE ${IS_OVER}
       ORDER BY completed_at_s, seq LIMIT ${FORGET_AT_ONCE}`,
    )
    .map(({ id, completed_at_s: completedAtS, directory, bytes }) => ({
      id,
      completedAtS,
      result: directory === null ? null : { directory, bytes: bytes ?? 0 },
    }));
}

/** A directory that several jobs refer to counts once, with the largest size anybody measured. */
export function readHistory(database: Database): History {
  const jobs = database.get<{ count: number }>(`SELECT count(*) AS count FROM jobs WHERE ${IS_OVER}`);
  const sizes = database.get<{ bytes: number | null }>(
    `SELECT sum(bytes) AS bytes FROM (
       SELECT max(bytes) AS bytes FROM jobs WHERE directory IS NOT NULL GROUP BY directory
     )`,
  );
  const references = (directory: string) =>
    database.get<{ count: number }>('SELECT count(*) AS count FROM jobs WHERE directory = :directory', {
      directory,
    })?.count ?? 0;
  return { jobs: jobs?.count ?? 0, bytes: sizes?.bytes ?? 0, references };
}
