/** The people on the screen belong to the picture on the screen, whatever is pressed: the pictures say their number. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FIGURES, HAS_PYTHON, type Rig, startGateway } from '../../http/rig.ts';
import { HAS_BROWSER, type Look, openPage } from './chromium.ts';
import { framesDrawn, untilDrawn, watchDrawings } from './drawn.ts';
import { openJob } from './jobs.ts';
import { BARS, type CodedVideo, renderCoded } from './videos.ts';

const FRAMES = 100;

/** The number in the picture that the video element shows now. */
function pictureNumber(page: Page): Promise<number> {
  return page.evaluate((bars) => {
    const video = document.querySelector('video') as HTMLVideoElement;
    const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
    const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
    context.drawImage(video, 0, 0);
    const width = Math.floor(video.videoWidth / bars);
    const isWhite = (bar: number) =>
      (context.getImageData((bar + 0.5) * width, video.videoHeight / 2, 1, 1).data[0] ?? 0) > 127;
    if (!isWhite(0) || isWhite(1)) return -1;
    return Array.from({ length: bars - 2 }, (_, bit) => Number(isWhite(bit + 2)) << bit).reduce(
      (a, b) => a + b,
    );
  }, BARS);
}

export function describeSync(folder: string): void {
  describe.skipIf(!HAS_PYTHON || !HAS_BROWSER)('picture and people', () => {
    let rig: Rig;
    let look: Look;

    beforeAll(async () => {
      rig = await startGateway([...FIGURES, '--root', folder]);
      look = await openPage(rig.url);
    }, 60_000);
    afterAll(async () => {
      await look?.close();
      await rig?.close();
    });

    const open = async (name: string, video: CodedVideo, options: object = {}) => {
      const path = join(folder, name);
      renderCoded(path, video);
      await openJob(rig, look.page, { video_path: path, ...options });
      await watchDrawings(look.page);
      return path;
    };

    for (const pace of ['even', 'uneven', 'late'] as const) {
      test(`are of the same frame in a video of ${pace} frames, wherever one jumps`, async () => {
        const { page } = look;
        await open(`${pace}.mp4`, { frames: FRAMES, pace });
        for (const frame of [1, 2, 50, 99, 98, 14, 15, 16, 0, 73]) {
          await page.locator('input[type=range]').fill(String(frame));
          await untilDrawn(page, frame);
          expect(await pictureNumber(page)).toBe(frame);
        }
        await page.keyboard.press('.');
        await untilDrawn(page, 74);
        expect(await pictureNumber(page)).toBe(74);
      }, 60_000);
    }

    test('hurried presses all count', async () => {
      const { page } = look;
      await page.locator('input[type=range]').fill('10');
      await untilDrawn(page, 10);
      for (let press = 0; press < 12; press += 1) await page.keyboard.press('.', { delay: 0 });
      await untilDrawn(page, 22);
      expect(await pictureNumber(page)).toBe(22);
    });

    test('playing goes forward through the video to its end, and Space begins again', async () => {
      const { page } = look;
      await page.keyboard.press('Home');
      await untilDrawn(page, 0);
      await page.keyboard.press(' ');
      await untilDrawn(page, FRAMES - 1);
      const frames = (await framesDrawn(page)).filter((frame) => frame !== null);
      const played = frames.slice(frames.lastIndexOf(0));
      expect(played).toEqual(played.toSorted((a, b) => a - b));
      expect(new Set(played).size).toBeGreaterThan(FRAMES / 4); // a busy machine leaves pictures out
      await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
      await page.keyboard.press(' ');
      await page.getByRole('button', { name: 'Pause' }).waitFor();
      await page.keyboard.press(' ');
    }, 60_000);

    test('where the video cannot be played its overlay is, in step as well', async () => {
      const { page } = look;
      await open('old.avi', { frames: 60, codec: 'mpeg4', size: [320, 180] });
      await page.getByText('cannot play the video itself').waitFor();
      await page.locator('input[type=range]').fill('33');
      await untilDrawn(page, 33);
      expect(await page.evaluate(() => document.querySelector('video')?.currentSrc)).toContain(
        '/overlay.mp4',
      );
    }, 60_000);

    test('where neither can be played people are shown alone, and play', async () => {
      const { page } = look;
      const path = await open('gone.mp4', { frames: 60 }, { overlay: false });
      rmSync(path);
      await page.reload();
      await page.getByText('only people are shown').waitFor();
      await watchDrawings(page);
      await page.keyboard.press('End');
      await untilDrawn(page, 59);
      await page.keyboard.press('Home');
      await page.keyboard.press(' ');
      await untilDrawn(page, 59);
      await page.getByRole('button', { name: 'Downloads' }).click();
      await page.getByRole('link', { name: 'poses.jsonl' }).waitFor();
      expect(await page.getByRole('link', { name: 'overlay.mp4' }).count()).toBe(0);
    }, 60_000);

    test('nothing was complained of', () => {
      expect(look.complaints).toEqual([]);
      expect(look.strangers).toEqual([]);
    });
  });
}
