/** Which thread spawns daemons: the system ties them to it, not to the process. */
import { isMainThread } from 'node:worker_threads';

/** What an operator should hear; null on the main thread. A test may say where it is. */
export function threadWarning(isMain = isMainThread): string | null {
  if (isMain) return null;
  return (
    'the pool was started in a worker thread: on Linux its daemons end with that thread, and when it is terminated ' +
    'nobody collects their exits until the process ends; start the pool in the main thread'
  );
}
