import { expect, test } from 'vitest';
import { parseClientMessage, parseDaemonMessage } from '../../src/wire/messages.ts';

test.for([
  [{ type: 'result', id: 1, persons: [{ score: 2 }] }, "result.persons[0] must have 'id', got only [score]"],
  [{ type: 'result', id: 1, width: -1 }, 'result.width must be an integer of at least 0, got -1'],
  [
    { type: 'bye', reason: 'tired' },
    'bye.reason must be one of drained, end_of_input, signal, fatal, got "tired"',
  ],
  [
    { type: 'error', id: 'x'.repeat(200), code: 'INTERNAL', message: '' },
    `error.id must be an integer or null in [1, 4294967294], got "${'x'.repeat(59)}...`,
  ],
  [{ type: 'hello', product: 'sidecar' }, "hello must have 'protocol', got only [product, type]"],
  [
    { type: 'ping', seq: 1 },
    'type must be one of bye, error, hello, init_failed, part, pong, progress, ready, result, got "ping"',
  ],
  [{ type: 'toString' }, 'got "toString"'],
  [{}, 'got undefined'],
] as const)('%j is refused', ([message, sentence]) => {
  expect(() => parseDaemonMessage(message)).toThrow(sentence);
});

test('what only a daemon says is no client message', () => {
  expect(() => parseClientMessage({ type: 'ready' })).toThrow(
    'type must be one of cancel, drain, frame, init, ping, request, got "ready"',
  );
});
