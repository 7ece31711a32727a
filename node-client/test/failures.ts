/** Helpers to look at rejections. */
import { PoseError } from '../src/errors.ts';
import { Sidecar } from '../src/index.ts';
import type { SidecarOptions } from '../src/options.ts';

/** The PoseError that a promise rejects with; anything else fails the test. */
export async function failure<Kind extends PoseError = PoseError>(promise: Promise<unknown>): Promise<Kind> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('error' in outcome && outcome.error instanceof PoseError) return outcome.error as Kind;
  throw new Error(`expected a PoseError, got ${JSON.stringify(outcome)}`);
}

/** What one request to such a daemon fails with. The daemon is closed. */
export async function requestFailure<Kind extends PoseError = PoseError>(
  options: SidecarOptions,
): Promise<Kind> {
  const sidecar = await Sidecar.start(options);
  try {
    return await failure<Kind>(sidecar.estimate(Buffer.from('image')));
  } finally {
    await sidecar.close();
  }
}
