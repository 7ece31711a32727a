/** What can be taken along of a result, taken with a real browser: by mouse, by keyboard, with and without a key. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FIGURES, HAS_PYTHON, type Rig, renderVideo, startGateway } from '../../http/rig.ts';
import { HAS_BROWSER, keepPicture, type Look, openPage, violations } from './chromium.ts';
import { openJob } from './jobs.ts';

const KEY = 'a-key-of-more-than-sixteen-characters';
const FILES = [
  ['overlay.mp4', 'overlay.mp4', 'overlay.mp4'],
  ['poses.jsonl', 'poses.jsonl', 'trip.poses.jsonl'],
  ['summary.json', 'summary.json', 'trip.summary.json'],
  ['CSV', 'exports/csv', 'trip.poses.csv'],
  ['COCO', 'exports/coco', 'trip.coco.json'],
  ['OpenPose', 'exports/openpose', 'trip.openpose.zip'],
  ['MOT', 'exports/mot', 'trip.mot.txt'],
] as const;

const opener = (page: Page) => page.getByRole('button', { name: 'Downloads' });
const menu = (page: Page) => page.getByRole('group', { name: 'Downloads' });

async function openMenu(page: Page): Promise<void> {
  if (!(await menu(page).isVisible())) await opener(page).click();
  await page.getByRole('link', { name: 'poses.jsonl' }).waitFor();
}

/** The file that a link gives, and its name. */
async function taken(page: Page, link: string): Promise<{ name: string; bytes: Buffer }> {
  const coming = page.waitForEvent('download');
  await page.getByRole('link', { name: link, exact: true }).click();
  const download = await coming;
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

export function describeDownloads(folder: string): void {
  describe.skipIf(!HAS_PYTHON || !HAS_BROWSER)('downloads', () => {
    const clip = join(folder, 'trip.mp4');
    let rig: Rig;
    let look: Look;
    let id: string;

    const served = async (path: string, headers: Record<string, string> = {}) =>
      Buffer.from(await (await fetch(`${rig.url}/v1/jobs/${id}/${path}`, { headers })).arrayBuffer());
    const poses = async () =>
      join((await rig.get(`/v1/jobs/${id}`)).body.result.directory as string, 'poses.jsonl');

    beforeAll(async () => {
      renderVideo(clip, 1);
      rig = await startGateway([...FIGURES, '--root', folder]);
      look = await openPage(rig.url);
      id = await openJob(rig, look.page, { video_path: clip });
    }, 60_000);
    afterAll(async () => {
      await look?.close();
      await rig?.close();
    });

    test.for(FILES)('%s comes as the service gives it', async ([link, path, name]) => {
      await openMenu(look.page);
      const file = await taken(look.page, link);
      expect(file.name).toBe(name);
      expect(file.bytes.length).toBeGreaterThan(100);
      expect(file.bytes.equals(await served(path))).toBe(true);
    });

    test('people who were filled in are left out on request', async () => {
      const { page } = look;
      const path = await poses();
      const before = readFileSync(path, 'utf8');
      writeFileSync(path, before.replace('"provenance":"detected"', '"provenance":"interpolated"'));
      await openMenu(page);
      const whole = await taken(page, 'MOT');
      await page.getByRole('checkbox', { name: /without people who were filled in/ }).check();
      const fewer = await taken(page, 'MOT');
      expect(fewer.bytes.toString().split('\n')).toHaveLength(whole.bytes.toString().split('\n').length - 1);
      await page.getByRole('checkbox', { name: /without people/ }).uncheck();
      writeFileSync(path, before);
    });

    test('the report opens in a tab of its own, and works under its policy', async () => {
      const { page } = look;
      await openMenu(page);
      const coming = page.waitForEvent('popup');
      await page.getByRole('link', { name: 'Report' }).click();
      const report = await coming;
      const complaints: string[] = [];
      report.on('pageerror', (error) => complaints.push(error.message));
      report.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      await report.waitForLoadState();
      expect(report.url()).toBe(`${rig.url}/v1/jobs/${id}/report`);
      expect(await report.title()).toContain('trip.mp4');
      expect(await report.locator('h1').count()).toBe(1);
      await report.reload();
      expect(complaints).toEqual([]);
      await keepPicture(report, 'report-1280-dark');
      await report.close();
    });

    test('are reached, taken and left by keyboard', async () => {
      const { page } = look;
      await page.keyboard.press('Escape');
      expect(await menu(page).isVisible()).toBe(false);
      await opener(page).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('link', { name: 'poses.jsonl' }).waitFor();
      expect(await opener(page).getAttribute('aria-expanded')).toBe('true');
      const reached: string[] = [];
      for (let press = 0; press < 9; press += 1) {
        await page.keyboard.press('Tab');
        reached.push(
          await page.evaluate(
            () => document.activeElement?.textContent?.trim() || document.activeElement?.tagName || '',
          ),
        );
      }
      const names = [
        'overlay.mp4',
        'poses.jsonl',
        'summary.json',
        'Report',
        'CSV',
        'COCO',
        'OpenPose',
        'MOT',
        'INPUT',
      ];
      expect(reached).toEqual(names);
      await page.keyboard.press('Shift+Tab');
      const coming = page.waitForEvent('download');
      await page.keyboard.press('Enter');
      expect((await coming).suggestedFilename()).toBe('trip.mot.txt');
      await page.keyboard.press('Escape');
      expect(await menu(page).isVisible()).toBe(false);
      expect(await opener(page).evaluate((button) => button === document.activeElement)).toBe(true);
      await page.keyboard.press('Enter');
      for (let press = 0; press < 10; press += 1) await page.keyboard.press('Tab');
      expect(await menu(page).isVisible()).toBe(false); // whoever walks on leaves it
    });

    test('what cannot be made is said in words, with the next step, and nothing is downloaded', async () => {
      const { page } = look;
      const path = await poses();
      const before = readFileSync(path, 'utf8');
      writeFileSync(path, before.replaceAll('left_eye"', 'left_antenna"'));
      const files: string[] = [];
      const note = (download: { suggestedFilename(): string }) => files.push(download.suggestedFilename());
      page.on('download', note);
      await openMenu(page);
      await page.getByRole('link', { name: 'COCO' }).click();
      const notice = menu(page).getByRole('alert');
      await notice.getByText('INVALID_REQUEST').waitFor();
      expect(await notice.textContent()).toMatch(/has no left_eye[\s\S]*Next step:[\s\S]*csv/);
      expect(await violations(page)).toEqual([]);
      writeFileSync(path, before);
      page.off('download', note);
      expect(files).toEqual([]);
      await taken(page, 'CSV');
      await notice.waitFor({ state: 'detached' });
    });

    test('what is made is told, asked for once, and not waited for by who leaves', async () => {
      const { page } = look;
      let asked = 0;
      const hold = Promise.withResolvers<void>();
      await page.route('**/exports/csv', async (route) => {
        asked += 1;
        await hold.promise;
        await route.continue().catch(() => {}); // its page has left
      });
      await openMenu(page);
      const given = page.waitForEvent('requestfailed');
      await page.getByRole('link', { name: 'CSV' }).click();
      await menu(page).getByRole('status').getByText('Making CSV …').waitFor();
      await page.getByRole('link', { name: 'CSV' }).click();
      await page.evaluate(() => {
        location.hash = '#/';
      });
      expect((await given).url()).toContain('/exports/csv');
      hold.resolve();
      expect(asked).toBe(1);
      await page.unroute('**/exports/csv');
      await page.evaluate((id) => {
        location.hash = `#/jobs/${id}`;
      }, id);
      await page.waitForSelector('.transport');
    });

    test.for([
      [1280, 'dark'],
      [1280, 'light'],
      [360, 'dark'],
      [360, 'light'],
    ] as const)(
      'the menu has no fault that axe finds, and fits, at %i px in the %s',
      async ([width, theme]) => {
        const { page } = look;
        await page.setViewportSize({ width, height: width === 360 ? 740 : 900 });
        await page.emulateMedia({ colorScheme: theme });
        await openMenu(page);
        await page.waitForTimeout(400); // transitions of colours, for the picture
        expect(await violations(page)).toEqual([]);
        const { x = -1, width: wide = 0 } = (await menu(page).boundingBox()) ?? {};
        expect(x).toBeGreaterThanOrEqual(0);
        expect(x + wide).toBeLessThanOrEqual(width);
        await keepPicture(page, `downloads-${width}-${theme}`);
      },
    );

    test('nothing was complained of', () => {
      expect(look.complaints).toEqual([]);
      expect(look.strangers).toEqual([]);
    });
  });

  describe.skipIf(!HAS_PYTHON || !HAS_BROWSER)('downloads behind a key', () => {
    test('come to who gave it', async () => {
      const keys = join(folder, 'download-keys');
      writeFileSync(keys, `${KEY}\n`);
      const rig = await startGateway([...FIGURES, '--root', folder, '--api-keys-file', keys]);
      const look = await openPage(rig.url);
      const { page } = look;
      try {
        await page.getByLabel('API key').fill(KEY);
        await page.keyboard.press('Enter');
        await page.getByText('Pool ready').waitFor();
        const headers = { 'x-api-key': KEY };
        const { id } = (await rig.post('/v1/jobs', { video_path: join(folder, 'trip.mp4') }, { headers }))
          .body;
        await rig.get(`/v1/jobs/${id}/events`, { headers }); // ends with the job
        await page.evaluate((id) => {
          location.hash = `#/jobs/${id}`;
        }, id);
        await openMenu(page);
        for (const [link, , name] of FILES) expect((await taken(page, link)).name).toBe(name);
        const coming = page.waitForEvent('popup');
        await page.getByRole('link', { name: 'Report' }).click();
        await (await coming).getByRole('heading', { level: 1 }).waitFor();
        expect(look.complaints).toEqual([]);
      } finally {
        await look.close();
        await rig.close();
      }
    }, 90_000);
  });
}
