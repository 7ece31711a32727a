/** A video that its client waits for: a job like any other, which is cancelled when the client goes away. */
import type { FastifyReply } from 'fastify';
import type { Job, NewJob } from '../jobs/job.ts';
import type { Service } from '../service.ts';
import { disconnectSignal } from './disconnect.ts';
import { JobFailedError } from './job-failed.ts';

export interface WaitOptions {
  readonly reply: FastifyReply;
  /** Hears of every change until the job is over. */
  readonly onChange?: (job: Job) => void;
}

/** The completed job. Throws JobFailedError when it fails, and what the store refuses. */
export async function submitAndWait(
  { runner, watch, log }: Pick<Service, 'runner' | 'watch' | 'log'>,
  asked: NewJob,
  { reply, onChange = () => {} }: WaitOptions,
): Promise<Job> {
  const gone = disconnectSignal(reply.raw);
  const { id } = runner.submit(asked);
  const leave = watch.follow(id, onChange);
  try {
    const job = await watch.finished(id, gone);
    if (job.state !== 'completed' || job.result === null) throw new JobFailedError(job);
    return job;
  } catch (error) {
    if (gone.aborted) {
      log.info({ job_id: id }, 'the client went away; its job is cancelled');
      runner.cancel(id);
    }
    throw error;
  } finally {
    leave();
  }
}
