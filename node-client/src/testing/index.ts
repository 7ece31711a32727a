/** Testing kit, exported as `pose-sidecar/testing`: a daemon without Python that does, or fails, what a test needs. */
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BEHAVIOURS, type BehaviourName } from './behaviours/index.ts';
import type { Script } from './script.ts';

export type { Clock, DeadlineClock, Timer } from '../clock.ts';
export type { BehaviourName } from './behaviours/index.ts';
export { FakeClock } from './fake-clock.ts';
export { FAKE_KEYPOINTS } from './fake-messages.ts';
export type { Script } from './script.ts';

/** In this repository's tests the program is TypeScript, in the package JavaScript. */
const OWN_EXTENSION = extname(import.meta.url);
const PROGRAM = fileURLToPath(new URL(`./main${OWN_EXTENSION}`, import.meta.url));
const NODE_FLAGS = OWN_EXTENSION === '.ts' ? ['--experimental-strip-types', '--no-warnings'] : [];

/**
 * Options that make `Sidecar.start` or `PosePool.start` start a scripted daemon instead of Python.
 *
 *     await using sidecar = await Sidecar.start(fakeDaemon('die-on-request', { x: 'SIGSEGV' }));
 */
export function fakeDaemon(
  behaviour: BehaviourName = 'healthy',
  script: Omit<Script, 'behaviour'> = {},
): { command: readonly string[] } {
  const text = JSON.stringify({ ...script, behaviour } satisfies Script);
  return { command: [process.execPath, ...NODE_FLAGS, PROGRAM, '--script', text] };
}

/** Every behaviour with what it does. */
export function behaviours(): Readonly<Record<BehaviourName, string>> {
  const entries = Object.entries(BEHAVIOURS).map(([name, { does }]) => [name, does]);
  return Object.fromEntries(entries) as Record<BehaviourName, string>;
}
