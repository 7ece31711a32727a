/** The clock of a video: people follow the hand while it seeks, and the picture at rest; no seek waits behind another. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SETTLE_MS, VideoClock } from '../../../web/player/video-clock.ts';

type OnPicture = (nowMs: number, facts: { mediaTime: number }) => void;

/** A video of frames of a second each, which seeks and shows when it is told to. */
class FakeVideo extends EventTarget {
  seeking = false;
  paused = true;
  ended = false;
  playbackRate = 1;
  readonly seeks: number[] = [];
  #timeS = 0;
  #callback: OnPicture | null = null;

  set currentTime(timeS: number) {
    this.#timeS = timeS;
    this.seeking = true;
    this.seeks.push(timeS);
  }
  get currentTime() {
    return this.#timeS;
  }
  requestVideoFrameCallback(callback: OnPicture): number {
    this.#callback = callback;
    return 1;
  }
  cancelVideoFrameCallback(): void {
    this.#callback = null;
  }
  present(mediaTime: number): void {
    const callback = this.#callback;
    this.#callback = null;
    callback?.(0, { mediaTime });
  }
  arrive(): void {
    this.seeking = false;
    this.dispatchEvent(new Event('seeked'));
  }
  go(isGoing: boolean): void {
    this.paused = !isGoing;
    this.dispatchEvent(new Event(isGoing ? 'play' : 'pause'));
  }
  play(): Promise<void> {
    this.go(true);
    return Promise.resolve();
  }
  pause(): void {
    this.go(false);
  }
}

const soon = () => new Promise((resolve) => setImmediate(resolve));
let video: FakeVideo;
let clock: VideoClock;
let shown: [timeS: number, isApart: boolean][];
let loading: PromiseWithResolvers<boolean> | null;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  video = new FakeVideo();
  shown = [];
  loading = null;
  clock = new VideoClock(
    video as unknown as HTMLVideoElement,
    {
      ready: async () => (loading === null ? true : loading.promise),
      isHere: () => loading === null,
      isOneFrame: (oneS, otherS) => Math.floor(oneS) === Math.floor(otherS),
    },
    { onShown: (timeS, isApart) => shown.push([timeS, isApart]), onPlaying: () => {} },
  );
  video.present(0);
  shown.length = 0;
});
afterEach(() => {
  clock.close();
  vi.useRealTimers();
});

describe('seeking', () => {
  test('people are there at once, the picture comes after', async () => {
    clock.seek(5.5);
    await soon();
    expect(shown).toEqual([[5.5, true]]);
    video.arrive();
    video.present(5);
    expect(shown.at(-1)).toEqual([5, false]);
  });

  test('the picture may come before the seek is said to be over', async () => {
    clock.seek(5.5);
    await soon();
    video.present(5);
    expect(shown.at(-1)).toEqual([5, false]);
    video.arrive();
    expect(shown.at(-1)).toEqual([5, false]);
  });

  test('a hand that races on never waits: all its people, one seek at a time, only the newest wish', async () => {
    for (const timeS of [1.5, 2.5, 3.5, 4.5]) {
      clock.seek(timeS);
      await soon();
    }
    expect(video.seeks).toEqual([1.5]);
    expect(shown).toEqual([1.5, 2.5, 3.5, 4.5].map((timeS) => [timeS, true]));
    video.arrive();
    expect(video.seeks).toEqual([1.5, 4.5]);
  });

  test('a picture that was passed over does not take people back', async () => {
    clock.seek(1.5);
    clock.seek(4.5);
    await soon();
    video.arrive();
    video.present(1);
    video.arrive();
    video.present(1);
    expect(shown.at(-1)).toEqual([4.5, true]);
    video.present(4);
    expect(shown.at(-1)).toEqual([4, false]);
  });

  test('people who come after their picture are shown when they come', async () => {
    loading = Promise.withResolvers();
    clock.seek(5.5);
    await soon();
    video.arrive();
    video.present(5);
    expect(shown.at(-1)).toEqual([0, true]); // still those from before, and it is said
    const { resolve } = loading;
    loading = null;
    resolve(true);
    await soon();
    expect(shown.at(-1)).toEqual([5, false]);
  });

  test('people who do not come leave with their picture', async () => {
    loading = Promise.withResolvers();
    clock.seek(5.5);
    await soon();
    video.present(5);
    video.arrive();
    vi.advanceTimersByTime(SETTLE_MS);
    expect(shown.at(-1)).toEqual([5, false]); // nobody yet: the page says that frames are loading
  });

  test('pictures that are faster than people do not keep them away', async () => {
    loading = Promise.withResolvers();
    const { resolve } = loading;
    for (const timeS of [1.5, 2.5, 3.5]) {
      clock.seek(timeS);
      await soon();
      video.arrive();
      video.present(Math.floor(timeS));
    }
    resolve(true);
    await soon();
    expect(shown.slice(-3).map(([timeS, isApart]) => `${timeS} ${isApart}`)).toContain('3.5 false');
    expect(shown.map(([timeS]) => timeS)).toContain(1.5);
  });

  test('within the frame that is there needs no new picture', async () => {
    clock.seek(0.7);
    await soon();
    video.arrive();
    expect(shown.at(-1)).toEqual([0, false]);
  });

  test('to a picture that never comes ends with the people of the one that is there', async () => {
    clock.seek(5.5);
    await soon();
    video.arrive();
    vi.advanceTimersByTime(SETTLE_MS - 1);
    expect(shown.at(-1)).toEqual([5.5, true]);
    vi.advanceTimersByTime(1);
    expect(shown.at(-1)).toEqual([0, false]);
  });

  test('what is told of the seek before changes nothing', async () => {
    clock.seek(1.5);
    video.seeking = false; // and the event is on its way
    clock.seek(5.5);
    clock.seek(6.5);
    video.dispatchEvent(new Event('seeked'));
    expect(video.seeks).toEqual([1.5, 5.5]);
    video.arrive();
    expect(video.seeks).toEqual([1.5, 5.5, 6.5]);
    await soon();
    vi.advanceTimersByTime(10 * SETTLE_MS);
    expect(shown.at(-1)).toEqual([6.5, true]);
  });

  test('a new wish ends the wait for such a picture', async () => {
    clock.seek(5.5);
    video.arrive();
    clock.seek(7.5);
    await soon();
    vi.advanceTimersByTime(10 * SETTLE_MS);
    expect(shown.at(-1)).toEqual([7.5, true]);
    video.arrive();
    video.present(7);
    expect(shown.at(-1)).toEqual([7, false]);
  });
});

describe('playing', () => {
  test('shows what the video shows', () => {
    clock.play();
    for (const timeS of [1, 2, 3]) video.present(timeS);
    expect(shown).toEqual([1, 2, 3].map((timeS) => [timeS, false]));
  });

  test('goes on from a seek although the very frame was passed over', async () => {
    clock.play();
    clock.seek(5.5);
    await soon();
    expect(shown.at(-1)).toEqual([5.5, true]);
    video.present(1); // from before
    expect(shown.at(-1)).toEqual([5.5, true]);
    video.arrive();
    video.present(6);
    expect(shown.at(-1)).toEqual([6, false]);
    vi.advanceTimersByTime(10 * SETTLE_MS);
    expect(shown.at(-1)).toEqual([6, false]);
  });
});

test('after the end nothing is shown, and nothing is sought', async () => {
  clock.seek(5.5);
  clock.seek(6.5);
  clock.close();
  await soon();
  video.arrive();
  video.present(5);
  vi.advanceTimersByTime(10 * SETTLE_MS);
  expect([shown, video.seeks]).toEqual([[], [5.5]]);
});
