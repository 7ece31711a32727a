/** Bounds of jobs that a store keeps. */

/** Jobs that may wait, unless the configuration says otherwise. */
export const MAX_QUEUED = 1_000;

/** Times the gateway may end under a job, one after another and without a frame done between, before it is to blame. */
export const MAX_INTERRUPTIONS = 20;

/** Seconds that a failed attempt waits at most for its next one; a later due time tells of a clock that was set back. */
export const MAX_RETRY_WAIT_S = 600;
