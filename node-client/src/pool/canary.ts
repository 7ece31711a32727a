/** Asks every daemon about the same picture from time to time: one that sees something else than the others is sick. */
import type { Clock, Timer } from '../clock.ts';
import type { Outcome, Work } from '../process/work.ts';
import { KEYPOINT_COLUMNS, type Person, type PoseResult } from '../result.ts';
import type { ReadyMessage } from '../wire/generated/messages.ts';
import type { PoolLogger } from './events.ts';
import type { PoolWorker } from './worker.ts';

/** Answers of one model on one machine agree to the bit; this leaves room for another thread count or device. */
export const TOLERANCE_PX = 1;
export const TOLERANCE_SCORE = 0.05;
/** Fresh daemons in a row that contradict the reference, after which the reference is what is wrong. */
export const DOUBTS_TO_YIELD = 2;
/** Sets of models that are remembered; the oldest goes first. */
export const REFERENCES_MAX = 8;

export interface CanarySettings {
  readonly work: Work<PoseResult>;
  readonly everyMs: number;
}

interface Reference {
  readonly answer: PoseResult;
  doubts: number;
}

export class Canary {
  readonly #settings: CanarySettings;
  readonly #clock: Clock;
  readonly #log: PoolLogger;
  readonly #references = new Map<string, Reference>();

  constructor(settings: CanarySettings, clock: Clock, log: PoolLogger) {
    this.#settings = settings;
    this.#clock = clock;
    this.#log = log;
  }

  /** Ask this one from now on; `onSick` is called when its answer is not that of the others. */
  watch(worker: Pick<PoolWorker, 'daemon' | 'ended' | 'probe'>, onSick: (why: string) => void): void {
    const { work, everyMs } = this.#settings;
    let isFresh = true;
    let timer: Timer;
    const ask = () => {
      timer = this.#clock.after(everyMs, ask);
      worker.probe(work, (outcome) => {
        if (!outcome.ok) {
          this.#logFailure(outcome);
          return;
        }
        const why = this.#judge(outcome.value, keyOf(worker.daemon.ready), isFresh);
        isFresh = false;
        if (why !== null) onSick(`its answer about the canary is wrong: ${why}`);
      });
    };
    timer = this.#clock.after(everyMs, ask);
    void worker.ended.then(() => timer.cancel());
  }

  /** Why the answer is not the reference; null when it is, or becomes it. */
  #judge(answer: PoseResult, key: string, isFresh: boolean): string | null {
    const reference = this.#references.get(key);
    if (reference === undefined) {
      this.#remember(key, answer);
      return null;
    }
    const why = differenceOf(reference.answer, answer);
    if (isFresh) reference.doubts = why === null ? 0 : reference.doubts + 1;
    if (reference.doubts < DOUBTS_TO_YIELD) return why;
    const message = `${reference.doubts} fresh daemons contradict the canary's reference (${why}); theirs is the reference now`;
    this.#log({ level: 'warn', event: 'canary', message });
    this.#remember(key, answer);
    return null;
  }

  /** A daemon that died is told of elsewhere. */
  #logFailure({ error, loss }: Outcome<PoseResult> & { ok: false }): void {
    if (loss !== null) return;
    this.#log({ level: 'warn', event: 'canary', message: `no answer about the canary: ${error.message}` });
  }

  #remember(key: string, answer: PoseResult): void {
    this.#references.delete(key);
    this.#references.set(key, { answer, doubts: 0 });
    const [oldest] = this.#references.keys();
    if (this.#references.size > REFERENCES_MAX && oldest !== undefined) this.#references.delete(oldest);
  }
}

/** In words; null when two answers are the same within the tolerances. */
export function differenceOf(before: PoseResult, now: PoseResult): string | null {
  if (before.persons.length !== now.persons.length) {
    return `${now.persons.length} persons instead of ${before.persons.length}`;
  }
  for (const [index, person] of now.persons.entries()) {
    const why = differenceOfPersons(before.persons[index] as Person, person);
    if (why !== null) return `person ${index}: ${why}`;
  }
  return null;
}

function differenceOfPersons(before: Person, now: Person): string | null {
  if (before.keypoints.length !== now.keypoints.length) return 'another number of keypoints';
  let movedPx = 0;
  for (const [at, value] of now.keypoints.entries()) {
    if (at % KEYPOINT_COLUMNS === KEYPOINT_COLUMNS - 1) continue; // visibility is no length
    movedPx = Math.max(movedPx, Math.abs(value - (before.keypoints[at] as number)));
  }
  // NaN is a difference.
  if (!(movedPx <= TOLERANCE_PX)) return `a keypoint moved by ${movedPx.toFixed(1)} px`;
  const scoreChange = Math.abs(now.score - before.score);
  return scoreChange <= TOLERANCE_SCORE ? null : `a score changed by ${scoreChange.toFixed(2)}`;
}

/** Daemons with the same key must give the same answers. */
function keyOf({ estimator, detector, models, runtime, device }: ReadyMessage): string {
  return JSON.stringify([estimator, detector, models.map(({ sha256 }) => sha256), runtime, device]);
}
