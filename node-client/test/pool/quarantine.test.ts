import { beforeEach, describe, expect, test } from 'vitest';
import { PoseError } from '../../src/errors.ts';
import { QUARANTINE_MAX, Quarantine } from '../../src/pool/quarantine.ts';

const poison = new PoseError('POISON_INPUT', 'told to');
const input = (body: string, params = {}, op = 'estimate') => ({ op, params, body: Buffer.from(body) });

let quarantine: Quarantine;
beforeEach(() => {
  quarantine = new Quarantine();
});

describe('row 56: what is refused', () => {
  test.for<[string, ReturnType<typeof input>, boolean]>([
    ['the same again', input('poison', { path: null }), true],
    ['another body of the same length', input('friend', { path: null }), false],
    ['another length', input('poison!', { path: null }), false],
    ['other params', input('poison', { path: 'x' }), false],
    ['another operation', input('poison', { path: null }, 'video'), false],
  ])('%s', ([, other, refused]) => {
    quarantine.add(input('poison', { path: null }), poison);
    expect(quarantine.find(other)).toBe(refused ? poison : null);
  });

  test('nothing when nothing was added', () => {
    expect(quarantine.find(input('poison'))).toBeNull();
  });
});

test('an input is remembered once, with its first error', () => {
  quarantine.add(input('poison'), poison);
  quarantine.add(input('poison'), new PoseError('POISON_INPUT', 'another'));
  expect(quarantine.size).toBe(1);
  expect(quarantine.find(input('poison'))).toBe(poison);
});

test('it is bounded: the oldest goes first, and nothing is left of it', () => {
  expect(QUARANTINE_MAX).toBe(256);
  for (let index = 0; index <= QUARANTINE_MAX; index += 1) quarantine.add(input(`poison ${index}`), poison);
  expect(quarantine.size).toBe(QUARANTINE_MAX);
  expect(quarantine.find(input('poison 0'))).toBeNull();
  expect(quarantine.find(input('poison 1'))).toBe(poison);
  expect(quarantine.find(input(`poison ${QUARANTINE_MAX}`))).toBe(poison);
});

test('clear forgets all', () => {
  quarantine.add(input('poison'), poison);
  quarantine.clear();
  expect(quarantine.size).toBe(0);
  expect(quarantine.find(input('poison'))).toBeNull();
});
