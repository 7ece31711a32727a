/** What the page drew, told by the event `drawn` of its canvas. */
import type { Page } from 'playwright-core';

export interface Drawn {
  readonly frame: number | null;
  /** The picture under the people was another one. */
  readonly isApart: boolean;
  readonly persons: readonly {
    readonly id: number;
    readonly provenance: string;
    readonly keypoints: number[];
  }[];
  /** Of the frames that are kept. */
  readonly bytes: number;
}

interface Watching {
  drawn: {
    frame: number | null;
    isApart: boolean;
    persons: { id: number; provenance: string; keypoints: Float32Array }[];
    bytes: number;
  }[];
}

/** Take notes from now on, of the last so many drawings. */
export async function watchDrawings(page: Page, most = 2_000): Promise<void> {
  await page.waitForSelector('.stage canvas');
  await page.evaluate((most) => {
    const watching = window as unknown as Watching;
    watching.drawn = [];
    document.querySelector('.stage canvas')?.addEventListener('drawn', (event) => {
      watching.drawn.push((event as CustomEvent).detail);
      if (watching.drawn.length > most) watching.drawn.shift();
    });
  }, most);
}

export function framesDrawn(page: Page): Promise<(number | null)[]> {
  return page.evaluate(() => (window as unknown as Watching).drawn.map(({ frame }) => frame));
}

export async function lastDrawn(page: Page): Promise<Drawn | null> {
  return page.evaluate(() => {
    const last = (window as unknown as Watching).drawn.at(-1);
    if (last === undefined) return null;
    const persons = last.persons.map(({ id, provenance, keypoints }) => ({
      id,
      provenance,
      keypoints: [...keypoints],
    }));
    return { ...last, persons };
  });
}

/** Waits until the page has drawn a frame with its people over its picture. */
export async function untilDrawn(page: Page, frame: number): Promise<Drawn> {
  await page.waitForFunction(
    (wanted) => {
      const last = (window as unknown as Watching).drawn.at(-1);
      return last?.frame === wanted && !last.isApart;
    },
    frame,
    { timeout: 15_000 },
  );
  return (await lastDrawn(page)) as Drawn;
}

/** The colours of the overlay at points of the video. */
export function overlayColours(page: Page, points: readonly (readonly [number, number])[], width: number) {
  return page.evaluate(
    ({ points, width }) => {
      const canvas = document.querySelector<HTMLCanvasElement>('.stage canvas');
      const context = canvas?.getContext('2d');
      if (!canvas || !context) return [];
      const scale = canvas.width / width;
      return points.map(([x, y]) => [
        ...context.getImageData(Math.floor(x * scale), Math.floor(y * scale), 1, 1).data,
      ]);
    },
    { points: points.map(([x, y]) => [x, y] as [number, number]), width },
  );
}
