/**
 * Every order of events in a small pool: two daemons, three calls, and at each moment whatever can happen next. States
 * that were met before are not followed again. Each state is reached by playing its events from the start, for nothing
 * of a pool can be copied.
 */
import { describe, expect, test } from 'vitest';
import { Dispatcher, type Worker } from '../../src/pool/dispatcher.ts';
import type { Dispatch, Outcome, Sent, Work } from '../../src/process/work.ts';
import { leftovers, violations } from './rig/invariants.ts';
import { Rig } from './rig/rig.ts';

const CALLS = 3;
const SIZE = 2;
const MOST_KILLS = 2;
const FOR_EVER_MS = 1e9;

/** `kill 0`, `answer 1`, `cancel 2`, `deadline 0`, `time`, `call`, `close`. */
type Event = string;

interface World {
  readonly rig: Rig;
  kills: number;
  closing: 'no' | 'yes' | 'done';
}

async function begin(dispatcher: typeof Dispatcher): Promise<World> {
  const worker = { heartbeatMs: FOR_EVER_MS, stallTimeoutMs: FOR_EVER_MS };
  const rig = await Rig.ready({
    size: SIZE,
    spawnIntervalMs: 0,
    worker,
    drainMs: 5_000,
    deadlinesByHand: true,
    dispatcher,
  });
  return { rig, kills: 0, closing: 'no' };
}

function possible({ rig, kills, closing }: World): readonly Event[] {
  const events: Event[] = [];
  if (rig.calls.length < CALLS) events.push('call');
  rig.daemons.forEach(({ isAlive, open }, index) => {
    if (isAlive && kills < MOST_KILLS) events.push(`kill ${index}`);
    if (isAlive && open.length > 0) events.push(`answer ${index}`);
  });
  for (const { index, outcome } of rig.calls) {
    if (outcome === null) events.push(`cancel ${index}`, `deadline ${index}`);
  }
  if (nextAtMs(rig) !== null) events.push('time');
  if (closing === 'no') events.push('close');
  return events;
}

/** Heartbeats apart. */
function nextAtMs({ clock }: Rig): number | null {
  const at = clock.nextAtMs;
  return at === null || at >= clock.nowMs() + FOR_EVER_MS / 2 ? null : at;
}

async function happen(world: World, event: Event): Promise<void> {
  const { rig } = world;
  const [what, number] = event.split(' ');
  const index = Number(number);
  if (what === 'call') rig.call();
  else if (what === 'kill') {
    world.kills += 1;
    rig.daemons[index]?.crash();
  } else if (what === 'answer') rig.daemons[index]?.answer();
  else if (what === 'cancel') rig.calls[index]?.controller.abort();
  else if (what === 'deadline') rig.calls[index]?.expire();
  else if (what === 'time') await rig.clock.pass((nextAtMs(rig) ?? 0) - rig.clock.nowMs());
  else if (what === 'close') {
    world.closing = 'yes';
    void rig.close().then(() => {
      world.closing = 'done';
    });
  }
  await rig.settle();
}

/** Two worlds with the same words go on in the same way. */
function describeWorld({ rig, kills, closing }: World): string {
  const { clock, supervisor, dispatcher } = rig;
  // How a call settled changes nothing that comes.
  const calls = rig.calls.map(({ index, outcome }) => {
    const tries = rig.daemons.flatMap(({ heard }) => heard.filter(({ call }) => call === index));
    return outcome === null ? tries.map(({ attempt }) => attempt) : 'settled';
  });
  const places = supervisor.slots.map(({ life, worker, starting }) => {
    const one = rig.daemons.find(({ daemon }) => daemon === worker?.daemon);
    const work = one?.open.map(({ id, call }) => [call, one.cancelled.has(id)]) ?? null;
    return JSON.stringify([life?.state, starting, work]);
  });
  const timers = clock.dueAtMs.map((at) => at - clock.nowMs()).filter((ms) => ms < FOR_EVER_MS / 2);
  return JSON.stringify([calls, places.sort(), timers, dispatcher.queued, kills, closing]);
}

interface Found {
  readonly states: number;
  readonly events: number;
  /** The shortest way to something wrong. */
  readonly wrong: { readonly way: readonly Event[]; readonly what: readonly string[] } | null;
}

async function explore(dispatcher: typeof Dispatcher): Promise<Found> {
  const known = new Set<string>();
  const ways: (readonly Event[])[] = [[]];
  let events = 0;
  for (const way of ways) {
    const world = await begin(dispatcher);
    for (const event of way) await happen(world, event);
    events += way.length;
    const next = possible(world);
    const what = [
      ...violations(world.rig),
      ...afterClose(world),
      ...(next.length === 0 ? atTheEnd(world) : []),
    ];
    if (what.length > 0) return { states: known.size, events, wrong: { way, what } };
    const state = describeWorld(world);
    if (known.has(state)) continue;
    known.add(state);
    for (const event of next) ways.push([...way, event]);
  }
  return { states: known.size, events, wrong: null };
}

function atTheEnd({ rig, closing }: World): readonly string[] {
  return [...leftovers(rig), ...(closing === 'done' ? [] : ['close never came to an end'])];
}

function afterClose({ rig, closing }: World): readonly string[] {
  if (closing === 'no' || rig.dispatcher.queued === 0) return [];
  return [`${rig.dispatcher.queued} calls wait although the pool is closed`];
}

test('rows 55, 57 and 67: every call settles once, in every order of events', {
  timeout: 120_000,
}, async () => {
  const { states, events, wrong } = await explore(Dispatcher);
  console.log(`two daemons, three calls: ${states} states, ${events} events played, none wrong`);
  expect(wrong).toBeNull();
  expect(states).toBeGreaterThan(1_000);
});

describe('a defect is found', () => {
  /** A dispatcher whose workers are not quite as they should be. */
  function withWorkers(spoil: (worker: Worker) => Pick<Worker, 'send'>): typeof Dispatcher {
    const spoiled = new Map<Worker, Worker>();
    return class extends Dispatcher {
      override add(worker: Worker): void {
        const { send } = spoil(worker);
        const other: Worker = {
          get inFlight() {
            return worker.inFlight;
          },
          accepts: (bytes) => worker.accepts(bytes),
          send,
        };
        spoiled.set(worker, other);
        super.add(other);
      }

      override remove(worker: Worker): void {
        super.remove(spoiled.get(worker) as Worker);
      }
    };
  }

  type Send = <Value>(
    work: Work<Value>,
    dispatch: Dispatch,
    onOutcome: (outcome: Outcome<Value>) => void,
  ) => Sent;

  const forgetful = withWorkers((worker) => {
    const send: Send = (work, dispatch, onOutcome) =>
      worker.send(work, dispatch, (outcome) => {
        const wasPrefetched = !outcome.ok && outcome.loss?.wasRunning === false;
        if (!wasPrefetched) onOutcome(outcome);
      });
    return { send };
  });

  const twice = withWorkers((worker) => {
    const send: Send = (work, dispatch, onOutcome) => {
      const sent = worker.send(work, dispatch, onOutcome);
      if (dispatch.attempt > 1) worker.send(work, dispatch, onOutcome);
      return sent;
    };
    return { send };
  });

  const deafToCancel = withWorkers((worker) => {
    const send: Send = (work, dispatch, onOutcome) => {
      worker.send(work, dispatch, onOutcome);
      return { cancel: () => {} };
    };
    return { send };
  });

  const mixedUp = withWorkers((worker) => {
    const outcomes: ((outcome: Outcome<never>) => void)[] = [];
    const send: Send = (work, dispatch, onOutcome) => {
      outcomes.push(onOutcome as (outcome: Outcome<never>) => void);
      return worker.send(work, dispatch, (outcome) => outcomes.pop()?.(outcome as Outcome<never>));
    };
    return { send };
  });

  class NeverRefuses extends Dispatcher {
    override refuse(): void {}
  }

  class Sleepy extends Dispatcher {
    override dispatch(): void {
      if (this.queued < 2) super.dispatch();
    }
  }

  test.for<[what: string, typeof Dispatcher, words: RegExp]>([
    ['work behind the running request is forgotten', forgetful, /with no daemon, and the queue holds/],
    ['a second try is sent twice', twice, /is with 2 daemons|has 2 requests|works on call/],
    ['a cancel does not reach the daemon', deafToCancel, /works on call \d, which has settled/],
    ['answers go to the wrong call', mixedUp, /got the answer of call/],
    ['close leaves what waits', NeverRefuses, /wait although the pool is closed/],
    ['a wake-up is lost', Sleepy, /calls wait, and a daemon has credit/],
  ])('%s', async ([, dispatcher, words]) => {
    const { wrong } = await explore(dispatcher);
    expect(wrong?.what.join()).toMatch(words);
    expect(wrong?.way.length).toBeLessThan(8);
  });
});
