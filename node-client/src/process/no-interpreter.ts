/** The error for "no Python here holds pose-sidecar", with every place that was looked at. */
import { type RejectedCandidate, StartError } from '../errors.ts';

export function noInterpreter(rejected: readonly RejectedCandidate[]): StartError {
  const list = rejected.map(({ source, path, reason }) => `\n  ${source}: ${path}: ${reason}`).join('');
  return new StartError(
    'SPAWN_FAILED',
    `no Python interpreter with pose-sidecar was found. Looked at:${list}`,
    {
      phase: 'spawning',
      hint: 'Run `npx pose-sidecar setup` in your project, or name an interpreter with POSE_PYTHON.',
      rejected,
    },
  );
}
