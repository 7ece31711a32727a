/** What must hold whenever a pool is at rest, and what must hold at its end. */
import type { Rig } from './rig.ts';

/** Every rule that is broken, in words. Call it when promises have settled. */
export function violations(rig: Rig): readonly string[] {
  return [...placesOfCalls(rig), ...credits(rig), ...counts(rig), ...workers(rig), ...idleHands(rig)];
}

/** After close, when all time that it may take has passed. */
export function leftovers(rig: Rig): readonly string[] {
  const left: string[] = [];
  for (const { index, outcome } of rig.calls) if (outcome === null) left.push(`call ${index} never settled`);
  for (const { process } of rig.daemons) if (!process.gone) left.push(`process ${process.pid} lives on`);
  if (rig.starts.some(({ isOpen }) => isOpen)) left.push('a start was not given up');
  if (rig.clock.pending > 0) left.push(`${rig.clock.pending} timers are left`);
  return left;
}

/** An unsettled call waits in the queue or is with exactly one daemon; an answer is the call's own. */
function* placesOfCalls(rig: Rig): Generator<string> {
  let waiting = 0;
  for (const { index, outcome } of rig.calls) {
    const holders = rig.daemons.filter((one) => one.isAlive && one.open.some(({ call }) => call === index));
    if (outcome === null && holders.length === 0) waiting += 1;
    if (outcome === null && holders.length > 1) yield `call ${index} is with ${holders.length} daemons`;
    if (outcome !== null && 'value' in outcome && outcome.value !== index) {
      yield `call ${index} got the answer of call ${outcome.value}`;
    }
  }
  if (waiting !== rig.dispatcher.queued) {
    yield `${waiting} calls are with no daemon, and the queue holds ${rig.dispatcher.queued}`;
  }
}

/** Spent credit is work that a daemon has; work that nobody waits for any more was called off. */
function* credits(rig: Rig): Generator<string> {
  for (const { daemon, process, open, cancelled, isAlive } of rig.daemons) {
    if (!isAlive) continue;
    if (daemon.inFlight !== open.length) {
      yield `daemon ${process.pid} has ${open.length} requests and ${daemon.inFlight} are counted`;
    }
    if (open.length > daemon.ready.credits.requests) yield `daemon ${process.pid} has more than its credit`;
    for (const { id, call } of open) {
      if (call < 0) continue; // the canary's
      if (rig.calls[call]?.outcome !== null && !cancelled.has(id)) {
        yield `daemon ${process.pid} works on call ${call}, which has settled`;
      }
    }
  }
}

function* counts({ dispatcher, calls }: Rig): Generator<string> {
  const settled = calls.filter(({ outcome }) => outcome !== null).length;
  if (dispatcher.answered + dispatcher.failed !== settled) {
    yield `${settled} calls settled, ${dispatcher.answered} + ${dispatcher.failed} were counted`;
  }
}

/** Who takes calls serves, and each place has at most one that starts. */
function* workers({ supervisor, starts }: Rig): Generator<string> {
  for (const worker of supervisor.workers) {
    const { life, daemon } = worker;
    if (daemon.child.gone) yield `process ${daemon.child.pid} has ended and is still in the pool`;
    if (!life.serves && worker.accepts(1)) yield `a worker that is ${life.state} takes calls`;
  }
  const starting = starts.filter(({ isOpen }) => isOpen).length;
  if (starting > supervisor.slots.length)
    yield `${starting} daemons start in ${supervisor.slots.length} places`;
}

/** Nobody waits in the queue while a daemon would take a call; a suspect may, for it wants a daemon of its own. */
function* idleHands({ dispatcher, supervisor, retried, calls }: Rig): Generator<string> {
  if (dispatcher.queued === 0 || retried.length > 0) return;
  const largest = Math.max(...calls.map(({ bytes, outcome }) => (outcome === null ? bytes : 0)));
  for (const worker of supervisor.workers) {
    if (worker.accepts(largest)) yield `${dispatcher.queued} calls wait, and a daemon has credit`;
  }
}
