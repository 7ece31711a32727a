/** Jobs in one SQLite file: what a call has returned survives the end of the process and of the machine. */
import { randomUUID } from 'node:crypto';
import { chooseForgettable } from '../jobs/forgettable.ts';
import {
  type Claimed,
  type Job,
  type JobFailure,
  type JobPage,
  type JobProgress,
  type JobQuery,
  type JobResult,
  type JobStats,
  type JobStore,
  MAX_PAGE,
  type NewJob,
  type Pruned,
  type Retention,
} from '../jobs/job.ts';
import { JobError } from '../jobs/job-error.ts';
import { MAX_INTERRUPTIONS, MAX_QUEUED, MAX_RETRY_WAIT_S } from '../jobs/limits.ts';
import { isSameRequest, resolveNewJob } from '../jobs/new-job.ts';
import {
  idempotencyConflict,
  interrupted,
  jobFinished,
  jobNotFinished,
  jobNotFound,
  queueFull,
} from '../jobs/refusals.ts';
import { Database, MAX_DATABASE_BYTES } from './database.ts';
import { oldestFinished, readHistory } from './finished.ts';
import { OWNER, Presence } from './presence.ts';
import { JOB_COLUMNS, type JobRow, toJob, toLease } from './rows.ts';
import { Silence } from './silence.ts';
import { countUp, readStats } from './statistics.ts';

export interface SqliteStoreOptions {
  /** Path of the database; its folder is made. */
  readonly file: string;
  /** Jobs that may wait before QUEUE_FULL. Default: 1,000. */
  readonly maxQueued?: number;
  /** Of the database file. Default: 4 GiB. */
  readonly maxBytes?: number;
  /** Epoch seconds: moments that people read, and when a retry is due. */
  readonly nowS?: () => number;
  /** Milliseconds on a clock that never steps back: leases. */
  readonly monotonicMs?: () => number;
}

/** As many pages as a new job touches, and some: a disk with room for less takes no job. */
const PROBE_BYTES = 64 * 1024;

const NO_LEASE = 'owner = NULL, token = NULL, lease_ms = NULL';
const HELD = "id = :id AND token = :token AND state = 'processing'";

export class SqliteStore implements JobStore {
  readonly #database: Database;
  readonly #presence: Presence;
  readonly #silence: Silence;
  readonly #maxQueued: number;
  readonly #nowS: () => number;

  /** Throws STORE_UNAVAILABLE, STORE_TOO_NEW. */
  constructor({
    file,
    maxQueued = MAX_QUEUED,
    maxBytes = MAX_DATABASE_BYTES,
    nowS = () => Date.now() / 1_000,
    monotonicMs = () => performance.now(),
  }: SqliteStoreOptions) {
    this.#database = new Database(file, maxBytes);
    this.#presence = new Presence(`${file}-owners`);
    this.#silence = new Silence(monotonicMs);
    this.#maxQueued = maxQueued;
    this.#nowS = nowS;
  }

  submit(job: NewJob): Job {
    const asked = resolveNewJob(job);
    return this.#database.write(() => {
      const key = asked.idempotencyKey;
      const known = key === null ? undefined : this.#find('idempotency_key = :key', { key });
      if (known !== undefined) {
        const job = toJob(known);
        if (!isSameRequest(job, asked)) throw idempotencyConflict(key ?? '', job);
        return job;
      }
      const waiting = this.#database.get<{ count: number }>(
        "SELECT count(*) AS count FROM jobs WHERE state = 'queued'",
      );
      if ((waiting?.count ?? 0) >= this.#maxQueued) throw queueFull(this.#maxQueued);
      const id = randomUUID();
      this.#database.run(
        `INSERT INTO jobs (id, state, priority, video_path, original_name, role, options, idempotency_key, trace,
                           created_at_s)
         VALUES (:id, 'queued', :priority, :videoPath, :originalName, :role, :options, :idempotencyKey, :trace, :nowS)`,
        { ...asked, options: JSON.stringify(asked.options), id, nowS: this.#nowS() },
      );
      return this.#existing(id);
    });
  }

  get(id: string): Job | null {
    return this.#database.read(() => {
      const row = this.#find('id = :id', { id });
      return row === undefined ? null : toJob(row);
    });
  }

  list({ state, limit, after }: JobQuery): JobPage {
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE)
      throw new JobError('INVALID_REQUEST', `limit must be an integer from 1 to ${MAX_PAGE}, got ${limit}`);
    return this.#database.read(() => {
      const before = after === undefined ? null : (this.#find('id = :after', { after })?.seq ?? null);
      if (after !== undefined && before === null) throw jobNotFound(after);
      const rows = this.#database.all<JobRow>(
        `WITH waiting AS MATERIALIZED (
           SELECT seq AS place_of, row_number() OVER (ORDER BY priority DESC, seq) AS queue_position
           FROM jobs WHERE state = 'queued'
         )
         SELECT jobs.*, queue_position FROM jobs LEFT JOIN waiting ON place_of = seq
         WHERE (:before IS NULL OR seq < :before) AND (:state IS NULL OR state = :state)
         ORDER BY seq DESC LIMIT :limit`,
        { before, state: state ?? null, limit: limit + 1 },
      );
      const jobs = rows.slice(0, limit).map(toJob);
      return { jobs, after: rows.length > limit ? (jobs.at(-1)?.id ?? null) : null };
    });
  }

  claim(owner: string, leaseMs: number): Claimed | null {
    if (!OWNER.test(owner)) throw new TypeError(`an owner's name must match ${OWNER}, got ${owner}`);
    const nowS = this.#nowS();
    return this.#database.write(() => {
      this.#presence.hold(owner);
      const next = this.#find(
        `state = 'queued' AND token IS NULL AND (due_at_s <= :nowS OR due_at_s > :latestS)
         ORDER BY priority DESC, seq`,
        { nowS, latestS: nowS + MAX_RETRY_WAIT_S },
      );
      if (next === undefined) return null;
      const token = randomUUID();
      this.#database.run(
        `UPDATE jobs SET state = 'processing', attempt = attempt + 1, started_at_s = :nowS, owner = :owner,
                         token = :token, lease_ms = :leaseMs, beat = 0
         WHERE id = :id`,
        { id: next.id, nowS, owner, token, leaseMs },
      );
      this.#silence.heard({ id: next.id, token, beat: 0 });
      return { job: this.#existing(next.id), token, failures: next.failures };
    });
  }

  heartbeat(id: string, token: string, progress: JobProgress | null, leaseMs: number): boolean {
    return this.#database.write(() => {
      const row = this.#database.get<{ beat: number }>(
        `UPDATE jobs SET beat = beat + 1, lease_ms = :leaseMs, progress = coalesce(:progress, progress)
         WHERE ${HELD} RETURNING beat`,
        { id, token, leaseMs, progress: progress === null ? null : JSON.stringify(progress) },
      );
      if (row !== undefined) this.#silence.heard({ id, token, beat: row.beat });
      return row !== undefined;
    });
  }

  complete(id: string, token: string, result: JobResult): boolean {
    return this.#end(
      `UPDATE jobs SET state = 'completed', completed_at_s = :nowS, result = :result, error = NULL, ${NO_LEASE}
       WHERE ${HELD}`,
      { id, token, nowS: this.#nowS(), result: JSON.stringify(result) },
    );
  }

  fail(id: string, token: string, error: JobFailure, retryAtS: number | null): boolean {
    const values = { id, token, error: JSON.stringify(error) };
    if (retryAtS === null) {
      return this.#end(
        `UPDATE jobs SET state = 'failed', completed_at_s = :nowS, error = :error, failures = failures + 1, ${NO_LEASE}
         WHERE ${HELD}`,
        { ...values, nowS: this.#nowS() },
      );
    }
    return this.#end(
      `UPDATE jobs SET state = 'queued', due_at_s = :retryAtS, error = :error, failures = failures + 1, ${NO_LEASE}
       WHERE ${HELD}`,
      { ...values, retryAtS },
    );
  }

  release(id: string, token: string): boolean {
    return this.#database.write(() => this.#free(id, token));
  }

  cancel(id: string): Job {
    return this.#database.write(() => {
      const job = this.#existing(id);
      if (job.state === 'completed' || job.state === 'failed') throw jobFinished(job);
      this.#database.run(
        `UPDATE jobs SET state = 'cancelled', completed_at_s = :nowS
         WHERE id = :id AND state IN ('queued', 'processing')`,
        { id, nowS: this.#nowS() },
      );
      return this.#existing(id);
    });
  }

  retry(id: string): Job {
    return this.#database.write(() => {
      const job = this.#existing(id);
      if (job.state !== 'failed' && job.state !== 'cancelled') throw jobNotFinished(job);
      this.#database.run(
        `UPDATE jobs SET state = 'queued', due_at_s = 0, attempt = 0, failures = 0, interruptions = 0, best_done = 0,
                         started_at_s = NULL, completed_at_s = NULL, progress = NULL, error = NULL
         WHERE id = :id`,
        { id },
      );
      return this.#existing(id);
    });
  }

  expireLeases(): readonly Job[] {
    const held = this.#database.read(() => this.#allWhere('token IS NOT NULL'));
    const silent = new Set(this.#silence.expired(held.map(toLease)).map(({ id }) => id));
    const gone = new Set(
      [...new Set(held.flatMap(({ owner }) => owner ?? []))].filter((owner) =>
        this.#database.read(() => this.#presence.isGone(owner)),
      ),
    );
    const over = held.filter(({ id, owner }) => silent.has(id) || gone.has(owner ?? ''));
    if (over.length === 0) return [];
    return this.#database.write(() => over.flatMap((row) => this.#expire(row, this.#nowS())));
  }

  stats(): JobStats {
    return this.#database.read(() => readStats(this.#database, this.#nowS()));
  }

  prune(retention: Retention): Pruned {
    return this.#database.write(() => {
      const chosen = chooseForgettable(
        oldestFinished(this.#database),
        readHistory(this.#database),
        retention,
        this.#nowS(),
      );
      const jobs = [...chosen.ids].map((id) => this.#existing(id));
      for (const id of chosen.ids) this.#database.run('DELETE FROM jobs WHERE id = :id', { id });
      return { jobs, directories: chosen.directories };
    });
  }

  check(): void {
    this.#database.write(() =>
      this.#database.run(`INSERT OR REPLACE INTO probe VALUES (1, zeroblob(${PROBE_BYTES}))`),
    );
  }

  close(): void {
    this.#presence.close();
    this.#database.close();
  }

  /** The job as it is without its lease; nothing if the lease was renewed meanwhile. */
  #expire(row: JobRow, nowS: number): Job[] {
    const { id, token, beat, state, progress } = row;
    if (state !== 'processing') return this.#free(id, token ?? '') ? [this.#existing(id)] : [];
    const done = progress === null ? 0 : Number(JSON.parse(progress).done);
    const interruptions = done > row.best_done ? 1 : row.interruptions + 1;
    const isTooOften = interruptions >= MAX_INTERRUPTIONS;
    const changed = this.#database.run(
      `UPDATE jobs SET state = :state, completed_at_s = :completedAtS, error = coalesce(:error, error),
                       interruptions = :interruptions, best_done = :best, ${NO_LEASE}
       WHERE ${HELD} AND beat = :beat`,
      {
        id,
        token,
        beat,
        interruptions,
        best: Math.max(row.best_done, done),
        state: isTooOften ? 'failed' : 'queued',
        completedAtS: isTooOften ? nowS : null,
        error: isTooOften ? JSON.stringify(interrupted(toJob(row), interruptions, nowS)) : null,
      },
    );
    if (changed === 0) return [];
    countUp(this.#database, 'interruptions');
    return [this.#existing(id)];
  }

  #free(id: string, token: string): boolean {
    const changed = this.#database.run(
      `UPDATE jobs SET state = iif(state = 'processing', 'queued', state), ${NO_LEASE}
       WHERE id = :id AND token = :token`,
      { id, token },
    );
    return changed > 0;
  }

  #end(sql: string, values: Record<string, string | number>): boolean {
    return this.#database.write(() => {
      const isOurs = this.#database.run(sql, values) > 0;
      if (!isOurs) countUp(this.#database, 'late_results');
      return isOurs;
    });
  }

  #existing(id: string): Job {
    const row = this.#find('id = :id', { id });
    if (row === undefined) throw jobNotFound(id);
    return toJob(row);
  }

  #find(where: string, values: Record<string, string | number>): JobRow | undefined {
    return this.#database.get<JobRow>(`SELECT ${JOB_COLUMNS} FROM jobs WHERE ${where} LIMIT 1`, values);
  }

  #allWhere(where: string): JobRow[] {
    return this.#database.all<JobRow>(`SELECT ${JOB_COLUMNS} FROM jobs WHERE ${where}`);
  }
}
