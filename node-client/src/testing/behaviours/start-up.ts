/** Faults between spawn and READY (rows 9 to 22 of the fault list). */
import { helloMessage, readyMessage } from '../fake-messages.ts';
import type { Behaviour } from './behaviour.ts';

const PROGRESS_EVERY_MS = 20;

export const START_UP = {
  healthy: { does: 'answers every request at once' },
  silent: { does: 'never says anything', onStart: () => {} },
  'crash-before-hello': {
    does: 'prints a traceback and exits with code 1',
    onStart: (daemon) => {
      daemon.complain('Traceback (most recent call last):\nSyntaxError: invalid syntax');
      daemon.exit(1);
    },
  },
  'not-installed': {
    does: 'fails like an interpreter without the package',
    onStart: (daemon) => {
      daemon.complain(`${process.execPath}: No module named sidecar`);
      daemon.exit(1);
    },
  },
  'banner-before-hello': {
    does: 'prints a line to its output before HELLO',
    onStart: (daemon) => {
      daemon.sendRaw(Buffer.from('Welcome to the environment\n'));
      daemon.sayHello();
    },
  },
  'progress-before-hello': {
    does: 'says PROGRESS first',
    onStart: (daemon) => daemon.sayProgress('importing'),
  },
  'late-hello': {
    does: 'says HELLO after X ms',
    onStart: (daemon) => setTimeout(() => daemon.sayHello(), daemon.amount),
  },
  'wrong-nonce': {
    does: 'answers with the nonce of another start',
    onStart: (daemon) => daemon.send(helloMessage({ nonce: 'another' })),
  },
  'ready-before-hello': { does: 'says READY first', onStart: (daemon) => daemon.send(readyMessage()) },
  'ready-twice': {
    does: 'says READY twice in one write',
    onInit: (daemon) => daemon.sendTogether([readyMessage(), readyMessage()]),
  },
  'hello-twice': {
    does: 'says HELLO again instead of READY',
    onInit: (daemon) => daemon.sayHello(),
  },
  'init-failed': {
    does: 'reports a missing module and exits with code 3',
    onInit: (daemon) => {
      daemon.send({
        type: 'init_failed',
        code: 'IMPORT_FAILED',
        phase: 'importing',
        module: 'cv2',
        package: 'opencv-python-headless',
        interpreter: process.execPath,
        message: "cannot import cv2: No module named 'cv2'",
        hint: 'Install it: python -m pip install opencv-python-headless',
        command: 'python -m pip install opencv-python-headless',
        retryable: false,
        traceback_tail: "ModuleNotFoundError: No module named 'cv2'",
      });
      daemon.exit(3);
    },
  },
  'hang-importing': {
    does: 'says PROGRESS once and then nothing',
    onInit: (daemon) => daemon.sayProgress('importing'),
  },
  'slow-loading': {
    does: 'says PROGRESS for X ms before READY',
    onInit: (daemon) => {
      const ticking = setInterval(() => daemon.sayProgress('loading'), PROGRESS_EVERY_MS);
      setTimeout(() => {
        clearInterval(ticking);
        daemon.sayReady();
      }, daemon.amount);
    },
  },
  'die-while-loading': {
    does: 'ends with signal or exit code X after PROGRESS loading',
    onInit: (daemon) => {
      daemon.sayProgress('importing');
      daemon.sayProgress('loading');
      daemon.die();
    },
  },
  'exit-when-ready': {
    does: 'says READY and exits with code X',
    onInit: (daemon) => {
      daemon.sayReady();
      daemon.exit(daemon.amount);
    },
  },
  'late-ready': {
    does: 'says READY after X ms of silence',
    onInit: (daemon) => setTimeout(() => daemon.sayReady(), daemon.amount),
  },
  'die-while-importing': {
    does: 'ends with signal or exit code X after PROGRESS importing',
    onInit: (daemon) => {
      daemon.sayProgress('importing');
      daemon.die();
    },
  },
} as const satisfies Record<string, Behaviour>;
