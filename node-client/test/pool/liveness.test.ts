/** Rows 41 to 43 and 64: silence is judged with our own punctuality. */
import { beforeEach, describe, expect, test } from 'vitest';
import { Liveness, MISSED_TO_GIVE_UP, MISSED_TO_SUSPEND } from '../../src/pool/liveness.ts';
import { FakeClock } from '../../src/testing/index.ts';

const BEAT_MS = 2_000;
const STALL_MS = 60_000;

let clock: FakeClock;
let seen: string[];
let answers: () => void;
let liveness: Liveness;

beforeEach(() => {
  clock = new FakeClock();
  seen = [];
  answers = () => {};
  liveness = new Liveness(
    clock,
    { heartbeatMs: BEAT_MS, stallTimeoutMs: STALL_MS },
    {
      ping: () => answers(),
      onSilent: (missed) => seen.push(`silent ${missed}`),
      onRecovered: () => seen.push('recovered'),
      onGivenUp: (reason) => seen.push(reason),
    },
  );
});

function pong(running_id: number | null = null, progress = 0): void {
  liveness.onPong({ type: 'pong', seq: 1, rss_bytes: 1, running_id, progress });
}

/** Beats during which it answers at once. */
function answerFor(
  beats: number,
  running: () => [id: number | null, progress: number] = () => [null, 0],
): void {
  answers = () => pong(...running());
  clock.advance(beats * BEAT_MS);
  answers = () => {};
}

test('the limits', () => {
  expect([MISSED_TO_SUSPEND, MISSED_TO_GIVE_UP]).toEqual([2, 3]);
});

describe('ready -> unresponsive -> …', () => {
  test('row 41: no answer to two pings: silent; to three: given up', () => {
    answerFor(10);
    clock.advance(2 * BEAT_MS);
    expect(seen).toEqual([]);
    clock.advance(BEAT_MS);
    expect(seen).toEqual(['silent 2']);
    clock.advance(BEAT_MS);
    expect(seen).toEqual(['silent 2', 'it left 3 pings unanswered, 2000 ms apart']);
  });

  test('an answer after two missed pings is a recovery, told once', () => {
    clock.advance(3 * BEAT_MS);
    pong();
    pong();
    answerFor(10);
    expect(seen).toEqual(['silent 2', 'recovered']);
  });

  test('one missed ping is nothing', () => {
    answerFor(3);
    clock.advance(2 * BEAT_MS);
    pong();
    answerFor(3);
    expect(seen).toEqual([]);
  });

  test('row 64: a recovery after a standstill of our own is told too', () => {
    clock.advance(3 * BEAT_MS);
    expect(seen).toEqual(['silent 2']);
    clock.stall(10_000);
    pong();
    expect(seen).toEqual(['silent 2', 'recovered']);
  });
});

describe('our own standstill', () => {
  test.for([10_000, 60_000, 3_600_000])('rows 43 and 64: %i ms of it are nobody’s fault', (ms) => {
    answerFor(2);
    clock.stall(ms);
    pong();
    answerFor(5);
    expect(seen).toEqual([]);
  });

  test('rows 43 and 64: standing still again and again, with answers read in between', () => {
    for (let time = 0; time < 10; time += 1) {
      clock.stall(10_000);
      pong();
    }
    expect(seen).toEqual([]);
  });

  test('row 43: one that is silent is found after the standstill', () => {
    clock.stall(10_000);
    clock.advance(4 * BEAT_MS);
    expect(seen).toEqual(['silent 2', 'it left 3 pings unanswered, 2000 ms apart']);
  });

  test('rows 43 and 64: work did not stand still meanwhile', () => {
    answerFor(25, () => [7, 1]);
    clock.stall(STALL_MS);
    pong(7, 1);
    answerFor(20, () => [7, 1]);
    expect(seen).toEqual([]);
  });
});

describe('busy, and no progress', () => {
  test('row 42: the same request without a step for a minute: given up, although it answers pings', () => {
    answerFor(40, () => [7, 1]);
    expect(seen[0]).toBe('request 7 made no progress for 60 s');
  });

  test.for<[string, () => () => [number | null, number]]>([
    [
      'progress',
      () => {
        let progress = 0;
        return () => {
          progress += 1;
          return [7, progress];
        };
      },
    ],
    [
      'another request each time',
      () => {
        let id = 0;
        return () => {
          id += 1;
          return [id, 0];
        };
      },
    ],
    ['nothing to do', () => () => [null, 0]],
  ])('row 42: %s is life', ([, make]) => {
    answerFor(100, make());
    expect(seen).toEqual([]);
  });

  test('row 42: the standstill begins anew after an idle moment', () => {
    answerFor(25, () => [7, 1]);
    answerFor(1);
    answerFor(25, () => [7, 1]);
    expect(seen).toEqual([]);
  });
});

test('after stop no timer is left', () => {
  liveness.stop();
  expect(clock.pending).toBe(0);
});
