/** Figures about the jobs in the database. */
import { DURATIONS_FROM, describeDurations } from '../jobs/durations.ts';
import { JOB_STATES, type JobState, type JobStats } from '../jobs/job.ts';
import type { Database } from './database.ts';

const HOUR_S = 3_600;

export function readStats(database: Database, nowS: number): JobStats {
  const counts = Object.fromEntries(JOB_STATES.map((state) => [state, 0])) as Record<JobState, number>;
  for (const { state, count } of database.all<{ state: JobState; count: number }>(
    'SELECT state, count(*) AS count FROM jobs GROUP BY state',
  )) {
    counts[state] = count;
  }
  const oldest = database.get<{ at: number | null }>(
    "SELECT min(created_at_s) AS at FROM jobs WHERE state = 'queued'",
  );
  const recent = database.get<{ count: number }>(
    "SELECT count(*) AS count FROM jobs WHERE state = 'completed' AND completed_at_s > :since",
    { since: nowS - HOUR_S },
  );
  const durations = database.all<{ duration: number }>(
    `SELECT max(0, completed_at_s - started_at_s) AS duration FROM jobs
     WHERE state = 'completed' ORDER BY completed_at_s DESC LIMIT ${DURATIONS_FROM}`,
  );
  const failures = database.all<{ code: string; count: number }>(
    `SELECT error_code AS code, count(*) AS count FROM jobs INDEXED BY jobs_failed
     WHERE state = 'failed' GROUP BY error_code`,
  );
  const tallies = new Map(
    database
      .all<{ name: Tally; count: number }>('SELECT name, count FROM tallies')
      .map(({ name, count }) => [name, count]),
  );
  return {
    counts,
    oldestQueuedS: Math.max(0, nowS - (oldest?.at ?? nowS)),
    completedPerHour: recent?.count ?? 0,
    durationsS: describeDurations(durations.map(({ duration }) => duration)),
    failuresByCode: Object.fromEntries(failures.map(({ code, count }) => [code, count])),
    interruptions: tallies.get('interruptions') ?? 0,
    lateResults: tallies.get('late_results') ?? 0,
  };
}

export type Tally = 'interruptions' | 'late_results';

export function countUp(database: Database, tally: Tally): void {
  database.run('INSERT INTO tallies VALUES (:tally, 1) ON CONFLICT (name) DO UPDATE SET count = count + 1', {
    tally,
  });
}
