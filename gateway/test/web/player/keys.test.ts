/** Keys do one thing each, and nothing where an element needs them itself. */
import { expect, test } from 'vitest';
import { actionOf, type KeyFacts } from '../../../web/player/keys.ts';

const press = (key: string, more: Partial<KeyFacts> = {}) =>
  actionOf({ key, shiftKey: false, hasModifier: false, on: 'page', ...more });

test.for([
  [' ', { do: 'toggle' }],
  [',', { do: 'step', by: -1 }],
  ['.', { do: 'step', by: 1 }],
  ['ArrowLeft', { do: 'skip', by: -1 }],
  ['ArrowRight', { do: 'skip', by: 1 }],
  ['<', { do: 'faster', by: -1 }],
  ['>', { do: 'faster', by: 1 }],
  ['[', { do: 'change', by: -1 }],
  [']', { do: 'change', by: 1 }],
  ['Home', { do: 'edge', isLast: false }],
  ['End', { do: 'edge', isLast: true }],
  ['a', null],
  ['Tab', null],
] as const)('%s', ([key, action]) => {
  expect(press(key)).toEqual(action);
});

test('Shift skips farther', () => {
  expect(press('ArrowRight', { shiftKey: true })).toEqual({ do: 'skip', by: 5 });
});

test.for([
  ['a field takes every key', '.', { on: 'input:password' }],
  ['a button takes Space', ' ', { on: 'button' }],
  ['the slider takes arrows', 'ArrowLeft', { on: 'input:range' }],
  ['a list takes arrows', 'ArrowDown', { on: 'select' }],
  ['the room takes arrows', 'ArrowRight', { on: 'view' }],
  ['with Ctrl it is the browser’s', '.', { hasModifier: true }],
] as const)('%s', ([, key, facts]) => {
  expect(press(key, facts)).toBeNull();
});

test.for([
  ['a button leaves arrows', 'ArrowLeft', { on: 'button' }],
  ['the slider leaves Space', ' ', { on: 'input:range' }],
  ['the slider leaves steps', '.', { on: 'input:range' }],
  ['a link leaves Space', ' ', { on: 'a' }],
] as const)('%s', ([, key, facts]) => {
  expect(press(key, facts)).not.toBeNull();
});
