/** The life of a worker as a state machine: which state may follow which, and the record of each step. */

export const WORKER_STATES = [
  'spawning',
  'hello',
  'importing',
  'loading',
  'warming',
  'ready',
  'busy',
  'unresponsive',
  'draining',
  'exited',
  'backoff',
  'broken',
] as const;

export type WorkerState = (typeof WORKER_STATES)[number];

const STARTING = ['importing', 'loading', 'warming', 'ready', 'draining', 'exited'] as const;

/** `exited` is where a process ends; `backoff` and `broken` are what its place in the pool does until the next one. */
export const NEXT_STATES: Readonly<Record<WorkerState, readonly WorkerState[]>> = {
  spawning: ['hello', 'draining', 'exited'],
  hello: STARTING,
  importing: STARTING,
  loading: STARTING,
  warming: STARTING,
  ready: ['busy', 'unresponsive', 'draining', 'exited'],
  busy: ['ready', 'unresponsive', 'draining', 'exited'],
  unresponsive: ['ready', 'busy', 'draining', 'exited'],
  draining: ['exited'],
  exited: ['backoff', 'broken', 'spawning'],
  backoff: ['spawning', 'broken'],
  broken: ['spawning'],
};

/** One step of one worker. */
export interface Transition {
  /** Its place in the pool, from 0. */
  readonly slot: number;
  /** Null before there is a process. */
  readonly pid: number | null;
  /** Null for the first. */
  readonly from: WorkerState | null;
  readonly to: WorkerState;
  /** Why, in words. */
  readonly cause: string;
  /** The error's code, when an error was the cause. */
  readonly code: string | null;
}

export class Life {
  readonly slot: number;
  pid: number | null = null;
  readonly #report: (transition: Transition) => void;
  #state: WorkerState = 'spawning';

  constructor(slot: number, cause: string, report: (transition: Transition) => void) {
    this.slot = slot;
    this.#report = report;
    report({ slot, pid: null, from: null, to: 'spawning', cause, code: null });
  }

  get state(): WorkerState {
    return this.#state;
  }

  /** Has it said READY, and not ended? */
  get serves(): boolean {
    return this.#state === 'ready' || this.#state === 'busy' || this.#state === 'unresponsive';
  }

  /** Take a step. The same state again is none. Throws on a step the machine does not have: a defect of the pool. */
  to(next: WorkerState, cause: string, code: string | null = null): void {
    const from = this.#state;
    if (from === next) return;
    if (!NEXT_STATES[from].includes(next)) {
      throw new Error(`a worker cannot go from ${from} to ${next} (${cause})`);
    }
    this.#state = next;
    if (next === 'spawning') this.pid = null;
    this.#report({ slot: this.slot, pid: this.pid, from, to: next, cause, code });
  }
}
