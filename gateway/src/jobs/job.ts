/** What a job is, and what a store of jobs promises. One conformance suite holds every store to it. */

export const JOB_STATES = ['queued', 'processing', 'completed', 'failed', 'cancelled'] as const;
export type JobState = (typeof JOB_STATES)[number];

export interface JobProgress {
  /** Frames in which people were looked for. */
  readonly done: number;
  /** Null while nobody knows. */
  readonly total: number | null;
  /** Frames per second. */
  readonly fps: number;
  /** Seconds left at this speed; null while nobody knows. */
  readonly leftS: number | null;
}

export interface JobResult {
  /** Holds poses.jsonl, summary.json and perhaps overlay.mp4. */
  readonly directory: string;
  readonly summary: Readonly<Record<string, unknown>>;
  /** Size of the directory. */
  readonly bytes: number;
}

/** Why an attempt failed, with all that a report of it needs. */
export interface JobFailure {
  readonly code: string;
  /** Without code and next step. */
  readonly message: string;
  readonly hint: string | null;
  /** May the same job succeed later? */
  readonly retryable: boolean;
  readonly videoPath: string;
  readonly attempt: number;
  /** Epoch seconds. */
  readonly atS: number;
  /** Seconds from the start of the attempt. */
  readonly elapsedS: number;
}

export interface Job {
  /** A UUID. */
  readonly id: string;
  readonly state: JobState;
  /** Higher is earlier. */
  readonly priority: number;
  readonly videoPath: string;
  /** The file's name where it came from. */
  readonly originalName: string | null;
  readonly role: string | null;
  /** Of `pool.processVideo`: those that change the result, and `timeoutMs`. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly idempotencyKey: string | null;
  /** W3C trace context of the request. */
  readonly trace: string | null;
  /** Epoch seconds, as all moments here. */
  readonly createdAtS: number;
  /** Of the newest attempt. */
  readonly startedAtS: number | null;
  /** When it was completed, failed or cancelled. */
  readonly completedAtS: number | null;
  /** Times it was started. */
  readonly attempt: number;
  readonly progress: JobProgress | null;
  readonly result: JobResult | null;
  /** Of the newest attempt that failed, even while the job waits for its next one. */
  readonly error: JobFailure | null;
  /** From 1; null unless queued. */
  readonly queuePosition: number | null;
}

export interface NewJob {
  readonly videoPath: string;
  /** Default: 0. */
  readonly priority?: number;
  readonly originalName?: string | null;
  readonly role?: string | null;
  readonly options?: Readonly<Record<string, unknown>>;
  /** Submitting again with the same key gives the job that is there. */
  readonly idempotencyKey?: string | null;
  readonly trace?: string | null;
}

export interface Claimed {
  readonly job: Job;
  /** Names this attempt; whoever holds an old one is refused. */
  readonly token: string;
  /** Attempts that failed before, since it was submitted or started anew. */
  readonly failures: number;
}

export interface JobQuery {
  readonly state?: JobState;
  /** At most MAX_PAGE. */
  readonly limit: number;
  /** Id of the last job of the page before. */
  readonly after?: string;
}

export interface JobPage {
  /** Newest first. */
  readonly jobs: readonly Job[];
  /** For the next page; null on the last. */
  readonly after: string | null;
}

export interface JobStats {
  readonly counts: Readonly<Record<JobState, number>>;
  /** Seconds that the longest waiting job has waited; 0 with an empty queue. */
  readonly oldestQueuedS: number;
  /** Completed in the last hour. */
  readonly completedPerHour: number;
  /** Of the newest completed jobs, seconds from the start of the attempt that succeeded; null without any. */
  readonly durationsS: {
    readonly count: number;
    readonly mean: number;
    readonly p50: number;
    readonly p95: number;
  } | null;
  /** Of jobs that failed for good. */
  readonly failuresByCode: Readonly<Record<string, number>>;
  /** Attempts that ended without a word, because their process did. */
  readonly interruptions: number;
  /** Results and failures of old attempts, which were refused. */
  readonly lateResults: number;
}

export interface Retention {
  /** Finished jobs that are older are forgotten. */
  readonly maxAgeS: number;
  /** Of all result directories; the oldest go first. */
  readonly maxBytes: number;
  /** Finished jobs that are remembered; the oldest go first. */
  readonly maxJobs: number;
}

export interface Pruned {
  /** Jobs that are forgotten now. */
  readonly jobs: readonly Job[];
  /** Result directories that no job that is left refers to. */
  readonly directories: readonly string[];
}

/** Jobs that one page of a list holds at most. */
export const MAX_PAGE = 200;

/**
 * Keeps jobs. Every call is one transaction and synchronous; a call that returns has happened for good, one that throws
 * has not happened at all. Throws JobError: STORE_UNAVAILABLE from every call, further codes as said.
 */
export interface JobStore {
  /** Idempotent by key. Throws QUEUE_FULL, IDEMPOTENCY_CONFLICT, INVALID_REQUEST. */
  submit(job: NewJob): Job;
  /** Null for an unknown id. */
  get(id: string): Job | null;
  list(query: JobQuery): JobPage;
  /** The next job that is due, by priority and then in order of submission; null when there is none. */
  claim(owner: string, leaseMs: number): Claimed | null;
  /** Renews the lease. False: this attempt is over, stop it. */
  heartbeat(id: string, token: string, progress: JobProgress | null, leaseMs: number): boolean;
  /** False, and counted: this attempt was over. */
  complete(id: string, token: string, result: JobResult): boolean;
  /** Fails for good with `retryAtS` null; else the job is queued again and due then. False as for `complete`. */
  fail(id: string, token: string, error: JobFailure, retryAtS: number | null): boolean;
  /** Give the attempt up without blame: a processing job is queued again in its old place. False as for `heartbeat`. */
  release(id: string, token: string): boolean;
  /**
   * A processing job's attempt ends with its next heartbeat, and nobody starts the job again before it was released or
   * its lease ran out. Cancelling twice is no fault. Throws JOB_NOT_FOUND, JOB_FINISHED.
   */
  cancel(id: string): Job;
  /** A failed or cancelled job is queued anew, its attempts counted from 0. Throws JOB_NOT_FOUND, JOB_NOT_FINISHED. */
  retry(id: string): Job;
  /** Queue jobs again whose owner is gone or silent for longer than its lease. Returns those that changed. */
  expireLeases(): readonly Job[];
  stats(): JobStats;
  /** Forget finished jobs. */
  prune(retention: Retention): Pruned;
  /** Throws STORE_UNAVAILABLE when nothing can be written. */
  check(): void;
  /** Idempotent. */
  close(): void;
}
