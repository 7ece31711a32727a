/** What the routes work with. */
import type { PosePool } from 'pose-sidecar';
import type { Config } from './config/options.ts';
import type { Readiness } from './http/availability.ts';
import type { JobFigures } from './http/job-figures.ts';
import type { JobStore } from './jobs/job.ts';
import type { Logger } from './log/logger.ts';

export interface Service {
  readonly config: Config;
  readonly log: Logger;
  readonly pool: PosePool;
  readonly readiness: Readiness;
  readonly store: JobStore;
  readonly figures: JobFigures;
}
