/** Faults of a daemon that answers, and should not (rows 45 to 47 of the fault list). */
import { writeFileSync } from 'node:fs';
import type { Behaviour } from './behaviour.ts';

export const SICK = {
  'first-is-sick': {
    does: 'fails every request in the process that is first to create the file X, and answers in all others',
    onInit: (daemon) => {
      sick = isFirst(String(daemon.script.x));
      daemon.sayReady();
    },
    onRequest: (daemon, request) => {
      if (sick) daemon.fail(request.id, 'INTERNAL');
      else daemon.answer(request);
    },
  },
  'wrong-after': {
    does: 'answers rightly X times and then sees one person too many',
    onRequest: (daemon, request) => {
      const persons = daemon.script.persons ?? 1;
      daemon.answer(request, daemon.completed < daemon.amount ? persons : persons + 1);
    },
  },
  leaky: {
    does: 'tells of X bytes more memory after every request',
    onRequest: (daemon, request) => {
      daemon.pretendedBytes += daemon.amount;
      daemon.answer(request);
    },
  },
} as const satisfies Record<string, Behaviour>;

/** One process plays one daemon. */
let sick = false;

function isFirst(file: string): boolean {
  try {
    writeFileSync(file, '', { flag: 'wx' });
    return true;
  } catch {
    return false;
  }
}
