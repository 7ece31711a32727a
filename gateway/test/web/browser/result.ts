/** A mannequin is uploaded, followed, played and measured against the truth. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HAS_WEIGHTS } from '../../../../node-client/test/repository.ts';
import { HAS_PYTHON, type Rig, ROOT, startGateway } from '../../http/rig.ts';
import { HAS_BROWSER, keepPicture, type Look, openPage, violations } from './chromium.ts';
import { framesDrawn, overlayColours, untilDrawn, watchDrawings } from './drawn.ts';
import { renderMannequin } from './videos.ts';

const SECONDS = 3;
const FRAMES = 90;
const WIDTH = 640;
/** Shoulders to ankles without hands: the twelve that both sides call by the same names. */
const LIMBS = [11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28];
const TOLERANCE_PX = 3;

interface Truth {
  readonly frames: readonly {
    readonly persons: readonly { readonly keypoints: readonly [number, number][] }[];
  }[];
}

export function describeResult(folder: string): void {
  describe.skipIf(!HAS_PYTHON || !HAS_WEIGHTS || !HAS_BROWSER)('a result', () => {
    const clip = join(folder, 'mannequin.mp4');
    let rig: Rig;
    let look: Look;
    let truth: Truth;
    let poses: { frame: number; persons: { keypoints: number[][] }[] }[];

    beforeAll(async () => {
      renderMannequin(clip, SECONDS);
      truth = JSON.parse(readFileSync(join(folder, 'mannequin.truth.json'), 'utf8'));
      rig = await startGateway(['--models-dir', join(ROOT, '.models')]);
      look = await openPage(rig.url);
    }, 90_000);
    afterAll(async () => {
      await look?.close();
      await rig?.close();
    });

    test('is uploaded and followed to its end, with speed and time left', async () => {
      const { page } = look;
      await page.getByText('Pool ready').waitFor();
      expect(await violations(page)).toEqual([]);
      await keepPicture(page, 'welcome-1280-dark');
      const seen = page.evaluate(
        () =>
          new Promise<string[]>((resolve) => {
            const words = new Set<string>();
            new MutationObserver((_, observer) => {
              const text = document.querySelector('section[aria-label=Progress]')?.textContent;
              if (text) words.add(text);
              if (document.querySelector('.transport') === null) return;
              observer.disconnect();
              resolve([...words]);
            }).observe(document.body, { subtree: true, childList: true, characterData: true });
          }),
      );
      await page.setInputFiles('input[type=file]', clip);
      const words = (await seen).join('\n');
      expect(words).toMatch(/At work|at work/);
      expect(words).toMatch(/\d+ of 90 frames · [\d.]+ frames a second · .* left/);
      expect(page.url()).toMatch(/#\/jobs\/[0-9a-f-]{36}$/);
      const lines = (await rig.get(`/v1/jobs/${page.url().slice(-36)}/poses.jsonl`)).body.trim().split('\n');
      poses = lines.slice(1).map((line: string) => JSON.parse(line));
      expect(poses).toHaveLength(FRAMES);
    }, 120_000);

    test('shows people where the file says, and within 3 px of the truth, at five frames', async () => {
      const { page } = look;
      await watchDrawings(page);
      for (const frame of [17, 44, 45, 89, 0]) {
        await page.locator('input[type=range]').fill(String(frame));
        const { persons } = await untilDrawn(page, frame);
        const filed = poses[frame]?.persons[0]?.keypoints ?? [];
        expect(persons[0]?.keypoints).toEqual(filed.flat().map(Math.fround));
        const true_ = truth.frames[frame]?.persons[0]?.keypoints ?? [];
        const errors = LIMBS.map((joint) => {
          const [x = 0, y = 0] = filed[joint] ?? [];
          const [trueX, trueY] = true_[joint] ?? [Number.NaN, Number.NaN];
          return Math.hypot(x - trueX, y - trueY);
        }).toSorted((a, b) => a - b);
        expect((errors[5] as number) / 2 + (errors[6] as number) / 2).toBeLessThan(TOLERANCE_PX);
        const shown = LIMBS.filter((joint) => (filed[joint]?.[3] ?? 0) >= 0.5);
        const at = shown.map((joint) => [filed[joint]?.[0] ?? 0, filed[joint]?.[1] ?? 0] as const);
        // Discs over others' joints may hide one; orange has far more red than blue, as its lighter and darker sides.
        const orange = (await overlayColours(page, at, WIDTH)).filter(
          ([red = 0, , blue = 0, alpha = 0]) => alpha === 255 && red > blue + 40,
        );
        expect(orange.length).toBeGreaterThanOrEqual(shown.length - 1);
      }
    });

    test('steps by single frames, plays, stops and skips by keyboard', async () => {
      const { page } = look;
      await page.locator('body').click({ position: { x: 2, y: 2 } });
      for (const [key, frame] of [
        ['.', 1],
        ['.', 2],
        [',', 1],
        ['ArrowRight', 31],
        ['ArrowLeft', 1],
        ['End', 89],
        ['Home', 0],
      ] as const) {
        await page.keyboard.press(key);
        await untilDrawn(page, frame);
      }
      await page.keyboard.press(' ');
      await page.getByRole('button', { name: 'Pause' }).waitFor();
      await expect
        .poll(async () => (await framesDrawn(page)).at(-1) ?? 0, { timeout: 10_000 })
        .toBeGreaterThan(20);
      await page.keyboard.press(' ');
      await page.getByRole('button', { name: 'Play' }).waitFor();
    });

    test('goes where the timeline is clicked', async () => {
      const { page } = look;
      const strip = page.locator('.strip').first();
      const { width = 0 } = (await strip.boundingBox()) ?? {};
      await strip.click({ position: { x: width / 2, y: 8 } });
      await untilDrawn(page, FRAMES / 2);
      await expect
        .poll(() => page.getByRole('slider', { name: /^Person 1/ }).getAttribute('aria-valuetext'))
        .toBe('frame 45: detected');
    });

    test.for([
      [1280, 'dark'],
      [1280, 'light'],
      [360, 'dark'],
      [360, 'light'],
    ] as const)('has no fault that axe finds, and fits, at %i px in the %s', async ([width, theme]) => {
      const { page } = look;
      await page.setViewportSize({ width, height: width === 360 ? 740 : 900 });
      await page.emulateMedia({ colorScheme: theme });
      await page.waitForTimeout(400); // transitions of colours, for the picture
      expect(await violations(page)).toEqual([]);
      await keepPicture(page, `result-${width}-${theme}`);
    });

    test('turns people in space with the arrow keys', async () => {
      const { page } = look;
      await page.setViewportSize({ width: 1280, height: 900 });
      const room = page.getByRole('application');
      await room.scrollIntoViewIfNeeded();
      await room.focus();
      const before = await room.screenshot();
      await page.keyboard.press('ArrowLeft');
      await expect.poll(async () => (await room.screenshot()).equals(before)).toBe(false);
      expect((await framesDrawn(page)).at(-1)).toBe(45); // the video did not move
    });

    test('asked nobody else, and complained of nothing', () => {
      expect(look.strangers).toEqual([]);
      expect(look.complaints).toEqual([]);
    });
  });
}
