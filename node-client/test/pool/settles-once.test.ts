/** Whatever a worker does and whenever a caller gives up: every call settles, once, and no credit is lost. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PoseError } from '../../src/index.ts';
import { Dispatcher, type Worker } from '../../src/pool/dispatcher.ts';
import type { Sent } from '../../src/process/daemon.ts';
import type { PoseResult } from '../../src/result.ts';

const RESULT = { persons: [] } as unknown as PoseResult;

/** Answers when told to. */
class ScriptedWorker implements Worker {
  readonly #limit: number;
  readonly open: { resolve(result: PoseResult): void; reject(error: PoseError): void }[] = [];
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

  estimate(): Sent {
    const { promise, resolve, reject } = Promise.withResolvers<PoseResult>();
    this.open.push({ resolve, reject });
    return { answer: promise, cancel: () => {} };
  }

  die(): void {
    this.dead = true;
    for (const { reject } of this.open.splice(0)) reject(new PoseError('WORKER_DIED', 'told to'));
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
      const dispatcher = new Dispatcher(5);
      for (const worker of workers) dispatcher.add(worker);
      const calls: { readonly controller: AbortController; settled: number }[] = [];
      const outcomes: Promise<void>[] = [];
      for (const step of plan) {
        if (step.do === 'call') {
          const call = { controller: new AbortController(), settled: 0 };
          const { signal } = call.controller;
          const body = new Uint8Array(1);
          const outcome = dispatcher.submit({ params: {}, body, deadlineMs: 60_000, signal });
          const count = () => {
            call.settled += 1;
          };
          outcomes.push(outcome.then(count, count));
          calls.push(call);
        } else if (step.do === 'answer') workers[step.worker]?.open.splice(step.index, 1)[0]?.resolve(RESULT);
        else if (step.do === 'fail') {
          workers[step.worker]?.open.splice(step.index, 1)[0]?.reject(new PoseError('INTERNAL', 'told to'));
        } else if (step.do === 'abort') calls[step.call]?.controller.abort();
        else if (step.do === 'die') {
          const worker = workers[step.worker] as ScriptedWorker;
          worker.die();
          dispatcher.remove(worker);
        } else if (step.do === 'refuse') dispatcher.refuse(new PoseError('POOL_CLOSED', 'told to'));
        else await new Promise((resolve) => setImmediate(resolve));
      }
      for (const worker of workers) worker.die();
      dispatcher.refuse(new PoseError('POOL_CLOSED', 'the end'));
      await Promise.all(outcomes);
      expect(calls.map(({ settled }) => settled)).toEqual(calls.map(() => 1));
      expect(dispatcher.queued).toBe(0);
      expect(dispatcher.answered + dispatcher.failed).toBe(calls.length);
    }),
    { seed: 7, numRuns: 2_000 },
  );
});
