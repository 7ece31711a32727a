/** Faults of a daemon that goes on running and gets nowhere (rows 30 and 41 to 43 of the fault list). */
import type { Behaviour } from './behaviour.ts';

const LOOP_MS = 120_000;

/** Never comes back: no PONG either, as when native code holds the interpreter. */
export function loop(): never {
  // Longer than any test waits; without an end, a test that is killed would leave it running for ever.
  const untilMs = performance.now() + LOOP_MS;
  while (performance.now() < untilMs);
  process.exit(1);
}

export const HANG = {
  'never-answer': { does: 'takes requests and never answers, but answers pings', onRequest: () => {} },
  'loop-on-request': {
    does: 'computes for ever on a request and hears nothing more',
    onRequest: () => loop(),
  },
  'freeze-on-request': {
    does: 'is stopped by a signal on a request and stays there until it is continued',
    onRequest: (daemon, request) => {
      daemon.freeze();
      daemon.answer(request);
    },
  },
} as const satisfies Record<string, Behaviour>;
