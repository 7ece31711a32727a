import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { onAbort } from '../src/abort.ts';

const listenersOf = (signal: AbortSignal) => getEventListeners(signal, 'abort').length;

test('row 58: ten thousand calls share one listener and leave none', () => {
  const { signal } = new AbortController();
  const leave = Array.from({ length: 10_000 }, () => onAbort(signal, () => {}));
  expect(listenersOf(signal)).toBe(1);
  for (const each of leave) each();
  expect(listenersOf(signal)).toBe(0);
});

test('everyone is told once, with the reason', () => {
  const controller = new AbortController();
  const heard: unknown[] = [];
  onAbort(controller.signal, (reason) => heard.push(reason));
  onAbort(controller.signal, (reason) => heard.push(reason));
  controller.abort('why');
  controller.abort('again');
  expect(heard).toEqual(['why', 'why']);
});

test('who left is not told, leaving twice is harmless, and one can join again', () => {
  const controller = new AbortController();
  const heard: string[] = [];
  const leave = onAbort(controller.signal, () => heard.push('first'));
  leave();
  leave();
  const leaveSecond = onAbort(controller.signal, () => heard.push('second'));
  leave();
  controller.abort();
  leaveSecond();
  expect(heard).toEqual(['second']);
  expect(listenersOf(controller.signal)).toBe(0);
});
