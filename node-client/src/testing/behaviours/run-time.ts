/** Faults while it works (rows 37 to 61 of the fault list). */
import { spawn } from 'node:child_process';
import type { RequestMessage } from '../../wire/generated/messages.ts';
import type { FakeDaemon } from '../fake-daemon.ts';
import type { Behaviour } from './behaviour.ts';
import { loop } from './hang.ts';

/** Long enough to be noticed when it is left behind. */
const GRANDCHILD = 'setTimeout(() => {}, 60_000)';

/** One word of what to do and one of how. */
function obey(daemon: FakeDaemon, request: RequestMessage, order: string): void {
  const [what, how = ''] = order.split(' ');
  if (what === 'answer') daemon.answerLater(request, Number(how));
  else if (what === 'die') daemon.die(/^\d/.test(how) ? Number(how) : how);
  else if (what === 'fail') daemon.fail(request.id, how);
  else if (what === 'babble') daemon.sendRaw(Buffer.from('loading weights: 100%\n'));
  else if (what === 'freeze') daemon.freeze();
  else if (what === 'loop') loop();
}

export const RUN_TIME = {
  'die-on-request': {
    does: 'ends with signal or exit code X instead of answering',
    onRequest: (daemon) => daemon.die(),
  },
  'die-on-marker': {
    does: 'ends with signal or exit code X when a body says "poison", and answers otherwise',
    onRequest: (daemon, request, body) => {
      if (Buffer.from(body).includes('poison')) daemon.die();
      else daemon.answer(request);
    },
  },
  'fail-requests': {
    does: 'answers every request with the error code X',
    onRequest: (daemon, { id }) => daemon.fail(id, String(daemon.script.x ?? 'INFERENCE_FAILED')),
  },
  slow: {
    does: 'answers after X ms, or at once with CANCELLED when cancelled',
    onRequest: (daemon, request) => daemon.answerLater(request),
    onCancel: (daemon, id) => daemon.dropLater(id),
  },
  'deaf-to-cancel': {
    does: 'answers after X ms whether or not it was cancelled',
    onRequest: (daemon, request) => daemon.answerLater(request),
  },
  'grandchild-holds-pipes': {
    does: 'starts a grandchild that holds its pipes open, prints its pid, and exits with code X',
    onRequest: (daemon) => {
      const grandchild = spawn(process.execPath, ['-e', GRANDCHILD], { stdio: 'inherit' });
      daemon.complain(`grandchild ${grandchild.pid}`);
      daemon.die();
    },
  },
  'grandchild-of-its-own': {
    does: 'starts a grandchild in a session of its own that holds its pipes open, prints its pid, and never answers',
    onRequest: (daemon) => {
      const grandchild = spawn(process.execPath, ['-e', GRANDCHILD], { stdio: 'inherit', detached: true });
      daemon.complain(`grandchild ${grandchild.pid}`);
    },
  },
  obey: {
    does: 'does what a body says: answer MS, die X, fail CODE, babble, freeze, loop or hang',
    onRequest: (daemon, request, body) => obey(daemon, request, Buffer.from(body).toString()),
  },
} as const satisfies Record<string, Behaviour>;
