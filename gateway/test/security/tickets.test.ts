/** A ticket reads one job for some hours, and nothing makes one but the gateway. */
import { expect, test } from 'vitest';
import { TICKET_S, Tickets } from '../../src/security/tickets.ts';

const JOB = '11111111-2222-4333-8444-555555555555';

function makeTickets() {
  let nowS = 1_000;
  const tickets = new Tickets(() => nowS);
  return { tickets, pass: (seconds: number) => (nowS += seconds) };
}

test('a ticket admits to its job until it expires', () => {
  const { tickets, pass } = makeTickets();
  const { ticket, expiresAtS } = tickets.issue(JOB);
  expect(expiresAtS).toBe(1_000 + TICKET_S);
  expect(tickets.admits(JOB, ticket)).toBe(true);
  expect(tickets.admits('another', ticket)).toBe(false);
  pass(TICKET_S);
  expect(tickets.admits(JOB, ticket)).toBe(false);
});

test.for([
  ['nothing', undefined],
  ['an empty text', ''],
  ['two of them', ['a', 'b']],
  ['a number', 5],
  ['an object', { ticket: 1 }],
  ['no signature', '99999999999.'],
  ['a signature of another length', '99999999999.ab'],
  ['a made up signature', `99999999999.${'0'.repeat(64)}`],
  ['a moment that is none', `NaN.${'0'.repeat(64)}`],
  ['a very long one', '9'.repeat(100_000)],
] as const)('%s admits to nothing', ([, ticket]) => {
  expect(makeTickets().tickets.admits(JOB, ticket)).toBe(false);
});

test('a later end is noticed', () => {
  const { tickets } = makeTickets();
  const [endS, signature] = tickets.issue(JOB).ticket.split('.');
  expect(tickets.admits(JOB, `${Number(endS) + 1}.${signature}`)).toBe(false);
});

test('tickets of another process are not valid here', () => {
  expect(makeTickets().tickets.admits(JOB, makeTickets().tickets.issue(JOB).ticket)).toBe(false);
});
