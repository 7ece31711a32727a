import { describe, expect, test } from 'vitest';
import { Life, NEXT_STATES, type Transition, WORKER_STATES, type WorkerState } from '../../src/pool/life.ts';

/** Every step there is, as literals: a change here is a change of the public contract. */
const LEGAL: readonly string[] = [
  'spawning hello',
  'spawning draining',
  'spawning exited',
  ...['hello', 'importing', 'loading', 'warming'].flatMap((from) =>
    ['importing', 'loading', 'warming', 'ready', 'draining', 'exited']
      .filter((to) => to !== from)
      .map((to) => `${from} ${to}`),
  ),
  'ready busy',
  'ready unresponsive',
  'ready draining',
  'ready exited',
  'busy ready',
  'busy unresponsive',
  'busy draining',
  'busy exited',
  'unresponsive ready',
  'unresponsive busy',
  'unresponsive draining',
  'unresponsive exited',
  'draining exited',
  'exited backoff',
  'exited broken',
  'exited spawning',
  'backoff spawning',
  'backoff broken',
  'broken spawning',
];

/** The shortest way from the first state. */
function wayTo(wanted: WorkerState): readonly WorkerState[] {
  const ways: WorkerState[][] = [['spawning']];
  for (const way of ways) {
    const last = way.at(-1) as WorkerState;
    if (last === wanted) return way;
    for (const next of NEXT_STATES[last]) if (!way.includes(next)) ways.push([...way, next]);
  }
  throw new Error(`no way leads to ${wanted}`);
}

function lifeIn(state: WorkerState, report: (step: Transition) => void = () => {}): Life {
  const life = new Life(0, 'a test', report);
  for (const next of wayTo(state).slice(1)) life.to(next, 'a test');
  return life;
}

const pairs = WORKER_STATES.flatMap((from) =>
  WORKER_STATES.filter((to) => to !== from).map((to) => [from, to] as const),
);

test.for(pairs.filter(([from, to]) => LEGAL.includes(`${from} ${to}`)))(
  '%s -> %s is a step',
  ([from, to]) => {
    const steps: Transition[] = [];
    const life = lifeIn(from, (step) => steps.push(step));
    life.to(to, 'the cause', 'CODE');
    expect(life.state).toBe(to);
    expect(steps.at(-1)).toMatchObject({ slot: 0, from, to, cause: 'the cause', code: 'CODE' });
  },
);

test.for(pairs.filter(([from, to]) => !LEGAL.includes(`${from} ${to}`)))('%s -> %s is none', ([from, to]) => {
  const life = lifeIn(from);
  expect(() => life.to(to, 'the cause')).toThrow(`a worker cannot go from ${from} to ${to} (the cause)`);
  expect(life.state).toBe(from);
});

test.for(WORKER_STATES)('%s again is no step and is not reported', (state) => {
  const steps: Transition[] = [];
  const life = lifeIn(state, (step) => steps.push(step));
  const before = steps.length;
  life.to(state, 'again');
  expect(steps).toHaveLength(before);
});

test('every state is reached, and every one leads on', () => {
  for (const state of WORKER_STATES) expect(lifeIn(state).state).toBe(state);
  for (const state of WORKER_STATES) expect(NEXT_STATES[state].length).toBeGreaterThan(0);
});

describe('what is told', () => {
  test('the first step has no past and no process', () => {
    const steps: Transition[] = [];
    new Life(3, 'the pool starts', (step) => steps.push(step));
    expect(steps).toEqual([
      { slot: 3, pid: null, from: null, to: 'spawning', cause: 'the pool starts', code: null },
    ]);
  });

  test('the pid goes with the process, and is forgotten at the next spawn', () => {
    const steps: Transition[] = [];
    const life = lifeIn('exited', (step) => steps.push(step));
    life.pid = 7;
    life.to('backoff', 'a pause');
    life.to('spawning', 'again');
    expect(steps.slice(-2).map(({ pid }) => pid)).toEqual([7, null]);
  });

  test.for(WORKER_STATES)('%s serves, or does not', (state) => {
    expect(lifeIn(state).serves).toBe(['ready', 'busy', 'unresponsive'].includes(state));
  });
});
