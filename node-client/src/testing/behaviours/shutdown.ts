/** Faults on the way out (rows 50 to 67 of the fault list). */
import type { Behaviour } from './behaviour.ts';

export const SHUTDOWN = {
  'ignore-drain': { does: 'ignores DRAIN but obeys the end of its input', onDrain: () => {} },
  'ignore-end-of-input': {
    does: 'says BYE but goes on running at the end of its input',
    onEndOfInput: (daemon) => daemon.stayAlive(),
  },
  unstoppable: {
    does: 'ignores DRAIN, the end of its input and SIGTERM',
    onStart: (daemon) => {
      process.on('SIGTERM', () => {});
      daemon.sayHello();
    },
    onDrain: () => {},
    onEndOfInput: (daemon) => daemon.stayAlive(),
  },
  'bye-unasked': {
    does: 'says BYE on the first request and goes on running',
    onRequest: (daemon) => {
      daemon.send({ type: 'bye', reason: 'fatal' });
      daemon.stayAlive();
    },
    onEndOfInput: (daemon) => daemon.stayAlive(),
  },
} as const satisfies Record<string, Behaviour>;
