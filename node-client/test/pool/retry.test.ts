/** Row 56 and what else decides between another try and an error. */
import { describe, expect, test } from 'vitest';
import { PoseError } from '../../src/errors.ts';
import { type History, lived, MAX_DISPATCHES, NO_HISTORY, verdict } from '../../src/pool/retry.ts';
import type { Loss } from '../../src/process/work.ts';

const POLICY = { maxAttempts: 2, quarantineAfter: 2 };
const died = new PoseError('WORKER_DIED', 'told to');
const running: Loss = { wasRunning: true, isCrash: true };
const prefetched: Loss = { wasRunning: false, isCrash: true };
const killedForANeighbour: Loss = { wasRunning: false, isCrash: false };
const closedUnderIt: Loss = { wasRunning: true, isCrash: false };

const error = (code: string) => new PoseError(code, 'told to');
const history = (fields: Partial<History>): History => ({ ...NO_HISTORY, dispatches: 1, ...fields });

describe('what counts', () => {
  test.for<[string, PoseError, Loss | null, attempts: number, deaths: number]>([
    ['an answer', error('INFERENCE_FAILED'), null, 1, 0],
    ['NO_RESOURCES', error('NO_RESOURCES'), null, 1, 0],
    ['a daemon that was draining', error('DRAINING'), null, 0, 0],
    ['a death under it', died, running, 1, 1],
    ['a death behind a neighbour', died, prefetched, 0, 0],
    ['a kill because of a neighbour', died, killedForANeighbour, 0, 0],
    ['a close under it', died, closedUnderIt, 1, 0],
  ])('%s', ([, what, loss, attempts, deaths]) => {
    expect(lived(history({}), what, loss)).toEqual({ dispatches: 1, attempts, deaths });
  });
});

describe('the verdict', () => {
  test.for<[string, Partial<History>, PoseError, Loss | null, string | null]>([
    ['an error answer is the answer', { attempts: 1 }, error('DECODE_FAILED'), null, 'DECODE_FAILED'],
    ['an unknown code too', { attempts: 1 }, error('BRAND_NEW'), null, 'BRAND_NEW'],
    ['NO_RESOURCES goes elsewhere', { attempts: 1 }, error('NO_RESOURCES'), null, null],
    ['NO_RESOURCES twice does not', { attempts: 2 }, error('NO_RESOURCES'), null, 'NO_RESOURCES'],
    ['DRAINING never ran', { dispatches: 5 }, error('DRAINING'), null, null],
    ['the first death', { attempts: 1, deaths: 1 }, died, running, null],
    ['the second death', { attempts: 2, deaths: 2 }, died, running, 'POISON_INPUT'],
    ['a death that was only met', { dispatches: 9 }, died, prefetched, null],
    ['lost again and again before it ran', { dispatches: MAX_DISPATCHES }, died, prefetched, 'WORKER_DIED'],
    ['one death and one close', { attempts: 2, deaths: 1 }, died, closedUnderIt, 'WORKER_DIED'],
  ])('row 56: %s', ([, fields, what, loss, code]) => {
    expect(verdict(history(fields), what, loss, POLICY)?.code ?? null).toBe(code);
  });

  test('poison carries the last death as its cause', () => {
    const told = verdict(history({ attempts: 2, deaths: 2 }), died, running, POLICY);
    expect(told).toMatchObject({ code: 'POISON_INPUT', cause: died, retryable: false });
    expect(told?.message).toContain('2 daemons died while they worked on this input');
  });

  test('quarantine off: attempts alone decide', () => {
    const patient = { maxAttempts: 10, quarantineAfter: 0 };
    expect(verdict(history({ attempts: 9, deaths: 9 }), died, running, patient)).toBeNull();
    expect(verdict(history({ attempts: 10, deaths: 10 }), died, running, patient)).toBe(died);
  });

  test('one attempt: the first death is told', () => {
    const once = { maxAttempts: 1, quarantineAfter: 2 };
    expect(verdict(history({ attempts: 1, deaths: 1 }), died, running, once)).toBe(died);
  });
});
