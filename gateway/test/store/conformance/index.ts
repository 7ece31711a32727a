/** What every store of jobs does, whatever it keeps them in. */
import { beforeEach, describe, onTestFinished } from 'vitest';
import type { JobStore } from '../../../src/jobs/job.ts';
import { describeAttempts } from './attempts.ts';
import { describeHistory } from './history.ts';
import { describeLeases } from './leases.ts';
import { StoreRig, type StoreSettings } from './rig.ts';
import { describeSubmission } from './submit.ts';

export function describeStore(name: string, open: (settings: StoreSettings) => JobStore): void {
  describe(name, () => {
    const rig = new StoreRig(open);

    beforeEach(() => {
      rig.renew();
      const { store } = rig;
      onTestFinished(() => store.close());
    });

    describeSubmission(rig);
    describeAttempts(rig);
    describeLeases(rig);
    describeHistory(rig);
  });
}
