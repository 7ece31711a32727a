/** What the routes work with. */
import type { PosePool } from 'pose-sidecar';
import type { Config } from './config/options.ts';
import type { Readiness } from './http/availability.ts';
import type { JobFigures } from './http/job-figures.ts';
import type { JobWatch } from './http/job-watch.ts';
import type { JobStore } from './jobs/job.ts';
import type { JobRunner } from './jobs/runner.ts';
import type { Logger } from './log/logger.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { FrameIndexes } from './results/frame-index.ts';
import type { Renditions } from './results/renditions.ts';
import type { Roots } from './security/roots.ts';
import type { Uploads } from './uploads/uploads.ts';

export interface Service {
  readonly config: Config;
  readonly log: Logger;
  readonly pool: PosePool;
  readonly readiness: Readiness;
  readonly store: JobStore;
  readonly runner: JobRunner;
  readonly watch: JobWatch;
  readonly figures: JobFigures;
  readonly indexes: FrameIndexes;
  readonly renditions: Renditions;
  readonly roots: Roots;
  readonly uploads: Uploads;
  readonly metrics: Metrics;
}
