/** The job of an address, and its result. */
import { access } from 'node:fs/promises';
import type { Job, JobResult, JobStore } from '../../jobs/job.ts';
import { jobNotFound } from '../../jobs/refusals.ts';
import { Refusal } from '../refusal.ts';

/** Throws JOB_NOT_FOUND. */
export function jobOf(store: Pick<JobStore, 'get'>, id: string): Job {
  const job = store.get(id);
  if (job === null) throw jobNotFound(id);
  return job;
}

/** Throws NO_RESULT_YET. */
export function resultOf({ id, result, state }: Job): JobResult {
  if (result !== null) return result;
  throw new Refusal('NO_RESULT_YET', `job ${id} has no result: it is ${state}`, {
    hint: `Follow /v1/jobs/${id}/events until it is completed.`,
  });
}

/** Throws RESULT_GONE with this message. */
export async function requireFile(path: string, message: string, hint: string): Promise<void> {
  await access(path).catch(() => {
    throw new Refusal('RESULT_GONE', message, { hint });
  });
}
