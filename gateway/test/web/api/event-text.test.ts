/** Events are the same however their text is cut. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseEvents, type ServerEvent } from '../../../web/api/event-text.ts';

const TEXT =
  'id: a1\nevent: state\ndata: {"x":1}\n\n:\n\nid: b2\nevent: progress\ndata: first\ndata: second: part\n\n';
const EVENTS: ServerEvent[] = [
  { id: 'a1', event: 'state', data: '{"x":1}' },
  { id: 'b2', event: 'progress', data: 'first\nsecond: part' },
];

test('whole text', () => {
  expect(parseEvents(TEXT)).toEqual({ events: EVENTS, rest: '' });
});

test('text cut anywhere', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: TEXT.length })), (cuts) => {
      const ends = [...cuts, TEXT.length].toSorted((a, b) => a - b);
      const all: ServerEvent[] = [];
      let pending = '';
      let start = 0;
      for (const end of ends) {
        const { events, rest } = parseEvents(pending + TEXT.slice(start, end));
        all.push(...events);
        pending = rest;
        start = end;
      }
      expect(all).toEqual(EVENTS);
    }),
    { seed: 7 },
  );
});

test('comments and empty blocks are no events', () => {
  expect(parseEvents(':\n\n\n\nevent: state\n\n')).toEqual({ events: [], rest: '' });
});

test('line ends of another system', () => {
  expect(parseEvents('data: x\r\n\r\n').events).toEqual([{ id: '', event: 'message', data: 'x' }]);
});
