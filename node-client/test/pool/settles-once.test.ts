/** Whatever a worker does and whenever a caller gives up: every call settles, once, and no credit is lost. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PoseError } from '../../src/index.ts';
import { Dispatcher, type Worker } from '../../src/pool/dispatcher.ts';
import type { Dispatch, Outcome, Sent, Work } from '../../src/process/work.ts';

const work: Work<string> = { op: 'estimate', params: {}, body: new Uint8Array(1), read: () => 'read' };
const RETRY = { maxAttempts: 2, quarantineAfter: 2 };

type Settle = (outcome: Outcome<unknown>) => void;

/** Answers when told to. */
class ScriptedWorker implements Worker {
  readonly #limit: number;
  readonly open: Settle[] = [];
  dead = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get inFlight(): number {
    return this.open.length;
  }

  accepts(): boolean {
    return !this.dead && this.open.length < this.#limit;
  }

  send<Value>(_: Work<Value>, __: Dispatch, onOutcome: (outcome: Outcome<Value>) => void): Sent {
    this.open.push(onOutcome as Settle);
    return { cancel: () => {} };
  }

  answer(index: number): void {
    this.open.splice(index, 1)[0]?.({ ok: true, value: 'answer' });
  }

  fail(index: number): void {
    const error = new PoseError('INTERNAL', 'told to');
    this.open.splice(index, 1)[0]?.({ ok: false, error, loss: null });
  }

  die(): void {
    this.dead = true;
    const error = new PoseError('WORKER_DIED', 'told to');
    this.open.splice(0).forEach((settle, index) => {
      settle({ ok: false, error, loss: { wasRunning: index === 0, isCrash: true } });
    });
  }
}

const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('call' as const) }) },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('answer' as const), worker: fc.nat(1), index: fc.nat(3) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('fail' as const), worker: fc.nat(1), index: fc.nat(3) }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('abort' as const), call: fc.nat(20) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('die' as const), worker: fc.nat(1) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('refuse' as const) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('turn' as const) }) },
  ),
  { maxLength: 40 },
);

test('row 57: in every order of events', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (plan) => {
      const workers = [new ScriptedWorker(2), new ScriptedWorker(1)];
      const dispatcher = new Dispatcher({ maxQueue: 5, retry: RETRY });
      for (const worker of workers) dispatcher.add(worker);
      const calls: { readonly controller: AbortController; settled: number }[] = [];
      const outcomes: Promise<void>[] = [];
      for (const step of plan) {
        if (step.do === 'call') {
          const call = { controller: new AbortController(), settled: 0 };
          const { signal } = call.controller;
          const outcome = dispatcher.submit({ work, deadlineMs: 60_000, signal });
          const count = () => {
            call.settled += 1;
          };
          outcomes.push(outcome.then(count, count));
          calls.push(call);
        } else if (step.do === 'answer') workers[step.worker]?.answer(step.index);
        else if (step.do === 'fail') workers[step.worker]?.fail(step.index);
        else if (step.do === 'abort') calls[step.call]?.controller.abort();
        else if (step.do === 'die') {
          const worker = workers[step.worker] as ScriptedWorker;
          worker.die();
          dispatcher.remove(worker);
        } else if (step.do === 'refuse') dispatcher.refuse(new PoseError('POOL_CLOSED', 'told to'));
        else await new Promise((resolve) => setImmediate(resolve));
      }
      dispatcher.refuse(new PoseError('POOL_CLOSED', 'the end'));
      for (const worker of workers) worker.die();
      await Promise.all(outcomes);
      expect(calls.map(({ settled }) => settled)).toEqual(calls.map(() => 1));
      expect(dispatcher.queued).toBe(0);
      expect(dispatcher.answered + dispatcher.failed).toBe(calls.length);
    }),
    { seed: 7, numRuns: 2_000 },
  );
});
