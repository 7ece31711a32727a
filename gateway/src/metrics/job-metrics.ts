/** Jobs: how many, how old, how long, how they end, and where the people in their frames come from. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { JOB_STATES, type Job, type JobStats } from '../jobs/job.ts';
import type { Service } from '../service.ts';
import { countProvenance } from './provenance.ts';

const SECONDS = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200];
const FPS = [1, 2.5, 5, 10, 20, 30, 45, 60, 90, 120, 240, 480];

type JobService = Pick<Service, 'runner' | 'figures' | 'config' | 'uploads' | 'log'>;

export function watchJobs(registry: Registry, { runner, figures, config, uploads, log }: JobService): void {
  const registers = [registry];
  const waits = new Histogram({
    name: 'pose_job_wait_seconds',
    help: 'Time from the submission of a job to its first attempt.',
    buckets: SECONDS,
    registers,
  });
  const durations = new Histogram({
    name: 'pose_job_seconds',
    help: 'Time of the attempt that ended a job.',
    labelNames: ['outcome'],
    buckets: SECONDS,
    registers,
  });
  const speeds = new Histogram({
    name: 'pose_video_frames_per_second',
    help: 'Frames per second of completed videos.',
    buckets: FPS,
    registers,
  });
  const failures = new Counter({
    name: 'pose_job_failures_total',
    help: 'Jobs that failed for good since the start, by code.',
    labelNames: ['code'],
    registers,
  });
  const people = new Counter({
    name: 'pose_frame_persons_total',
    help: 'People in frames of completed videos, by where their numbers come from; nobody counts frames without anybody.',
    labelNames: ['provenance'],
    registers,
  });

  async function count(job: Job): Promise<void> {
    if (job.result === null) return;
    for (const [provenance, times] of await countProvenance(job.result.directory))
      people.inc({ provenance }, times);
  }

  runner.events.on('job', (job) => {
    const { state, startedAtS, completedAtS, createdAtS, attempt, result, error } = job;
    if (state === 'processing' && job.progress === null && attempt === 1 && startedAtS !== null) {
      waits.observe(Math.max(0, startedAtS - createdAtS));
    }
    if (completedAtS === null) return;
    durations.observe({ outcome: state }, Math.max(0, completedAtS - (startedAtS ?? completedAtS)));
    if (state === 'failed') failures.inc({ code: error?.code ?? 'INTERNAL' });
    if (state !== 'completed' || result === null) return;
    speeds.observe(Number(result.summary.frames_per_second) || 0);
    count(job).catch((reason: Error) =>
      log.debug({ job_id: job.id, err: reason }, 'its frames could not be counted'),
    );
  });

  fromStats('pose_queue_length', 'Jobs that wait.', ({ counts }) => counts.queued);
  fromStats(
    'pose_queue_oldest_seconds',
    'Wait of the oldest waiting job.',
    ({ oldestQueuedS }) => oldestQueuedS,
  );
  fromStats(
    'pose_job_interruptions',
    'Attempts that ended without a word, ever.',
    (stats) => stats.interruptions,
  );
  fromStats(
    'pose_job_late_results',
    'Results of old attempts that were refused, ever.',
    (stats) => stats.lateResults,
  );
  new Gauge({
    name: 'pose_jobs',
    help: 'Jobs by state.',
    labelNames: ['state'],
    registers,
    collect() {
      const stats = readable();
      if (stats === null) this.reset();
      else for (const state of JOB_STATES) this.set({ state }, stats.counts[state]);
    },
  });
  new Gauge({
    name: 'pose_job_store_up',
    help: '1 while jobs can be read.',
    registers,
    collect() {
      this.set(readable() === null ? 0 : 1);
    },
  });
  new Gauge({
    name: 'pose_queue_degraded_length',
    help: 'Above this many waiting jobs the service calls itself degraded.',
    registers,
  }).set(config.degradedQueue);
  new Gauge({
    name: 'pose_uploads_under_way',
    help: 'Uploads under way.',
    registers,
    collect() {
      this.set(uploads.underWay);
    },
  });

  function fromStats(name: string, help: string, read: (stats: JobStats) => number): void {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        const stats = readable();
        if (stats === null) this.reset();
        else this.set(read(stats));
      },
    });
  }

  /** Null while the store is away: a number that is not known is not told. */
  function readable(): JobStats | null {
    try {
      return figures.stats;
    } catch {
      return null;
    }
  }
}
