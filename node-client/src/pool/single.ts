/** One supervised daemon that is no part of a pool's workers: restarted and retried like them. */
import { EventEmitter } from 'node:events';
import { SYSTEM_CLOCK } from '../clock.ts';
import { PoseError } from '../errors.ts';
import type { ResolvedOptions } from '../options.ts';
import { launch } from '../process/launch.ts';
import type { CallSettings } from './call.ts';
import { Dispatcher } from './dispatcher.ts';
import { Supervisor } from './supervisor.ts';

export interface SingleDaemon {
  submit<Value>(settings: CallSettings<Value>): Promise<Value>;
  /** Never throws, bounded in time. */
  close(): Promise<void>;
}

/** Start a daemon that needs no model. Calls wait until it is ready, or are rejected with why it is not. */
export function openSingle(options: ResolvedOptions): SingleDaemon {
  const own = { ...options, size: 1, estimator: 'null', estimatorOptions: {}, threads: 1, signal: undefined };
  const dispatcher = new Dispatcher({ maxQueue: 1, retry: own.retry });
  const supervisor = new Supervisor({
    ...own,
    worker: own,
    clock: SYSTEM_CLOCK,
    random: Math.random,
    launch: (hooks) => launch({ ...own, ...hooks }),
    dispatcher,
    events: new EventEmitter(),
  });
  supervisor.start();
  return {
    submit: (settings) => dispatcher.submit(settings),
    close: async () => {
      dispatcher.refuse(new PoseError('POOL_CLOSED', 'its work is over'));
      await supervisor.close();
    },
  };
}
