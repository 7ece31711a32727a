/** Faults while it works (rows 37 to 61 of the fault list). */
import { spawn } from 'node:child_process';
import type { Behaviour } from './behaviour.ts';

/** Long enough to be noticed when it is left behind. */
const GRANDCHILD = 'setTimeout(() => {}, 60_000)';

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
    onRequest: (daemon, { id }) => {
      const code = String(daemon.script.x ?? 'INFERENCE_FAILED');
      daemon.send({
        type: 'error',
        id,
        code,
        message: 'the fake was told to fail',
        hint: 'Tell it otherwise.',
      });
    },
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
  'never-answer': { does: 'takes requests and never answers', onRequest: () => {} },
  'grandchild-holds-pipes': {
    does: 'starts a grandchild that holds its pipes open, prints its pid, and exits with code X',
    onRequest: (daemon) => {
      const grandchild = spawn(process.execPath, ['-e', GRANDCHILD], { stdio: 'inherit' });
      daemon.complain(`grandchild ${grandchild.pid}`);
      daemon.die();
    },
  },
} as const satisfies Record<string, Behaviour>;
