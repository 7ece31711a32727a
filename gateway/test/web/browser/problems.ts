/** What goes wrong is said in words with the next step, and can be got over from the page. */
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HAS_PYTHON, type Rig, renderVideo, SLOW_FIGURES, startGateway } from '../../http/rig.ts';
import { HAS_BROWSER, keepPicture, type Look, openPage, violations } from './chromium.ts';
import { show, submit } from './jobs.ts';

const KEY = 'a-key-of-more-than-sixteen-characters';

export function describeProblems(folder: string): void {
  describe.skipIf(!HAS_PYTHON || !HAS_BROWSER)('problems', () => {
    const clip = join(folder, 'ride.mp4');
    let rig: Rig;
    let look: Look;

    beforeAll(async () => {
      renderVideo(clip, 10);
      rig = await startGateway([...SLOW_FIGURES, '--root', folder]);
      look = await openPage(rig.url);
    }, 60_000);
    afterAll(async () => {
      await look?.close();
      await rig?.close();
    });

    test('a file that is no video is refused with the reason and what to do', async () => {
      const { page } = look;
      const text = join(folder, 'notes.txt');
      writeFileSync(text, 'these are no pixels\n'.repeat(50));
      await page.setInputFiles('input[type=file]', text);
      const notice = page.getByRole('alert');
      await notice.getByText('VIDEO_UNREADABLE').waitFor();
      expect(await notice.textContent()).toMatch(/This video was not taken[\s\S]*Next step:/);
      expect(await violations(page)).toEqual([]);
      await keepPicture(page, 'refused-1280-dark');
      await notice.getByRole('button', { name: 'Dismiss' }).click();
      await notice.waitFor({ state: 'detached' });
    });

    test('a running job is cancelled, and started anew', async () => {
      const { page } = look;
      await page.setInputFiles('input[type=file]', clip);
      await page.getByText(/frames a second/).waitFor();
      await page.getByText('Working on ride.mp4').waitFor();
      expect(await violations(page)).toEqual([]);
      await keepPicture(page, 'progress-1280-dark');
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByText('This job was cancelled.').waitFor();
      expect(await violations(page)).toEqual([]);
      await page.getByRole('button', { name: 'Start it anew' }).click();
      await page.getByText(/frames a second/).waitFor();
    }, 60_000);

    test('a job that fails says why, and can be tried again', async () => {
      const { page } = look;
      const running = page.url().slice(-36);
      const gone = join(folder, 'gone-before.mp4');
      copyFileSync(clip, gone);
      const id = await submit(rig, { video_path: gone, force: true });
      rmSync(gone);
      await show(page, id);
      await page.getByRole('region', { name: 'Progress' }).getByText('waiting, 1st in line').waitFor();
      await rig.get(`/v1/jobs/${running}`, { method: 'DELETE' });
      const notice = page.getByRole('alert');
      await notice.getByText('This job failed').waitFor();
      expect(await notice.textContent()).toMatch(/gone-before\.mp4[\s\S]*Next step:[\s\S]*[A-Z]+_[A-Z]+/);
      expect(await violations(page)).toEqual([]);
      await page.setViewportSize({ width: 360, height: 740 });
      await page.emulateMedia({ colorScheme: 'light' });
      expect(await violations(page)).toEqual([]);
      await keepPicture(page, 'failed-360-light');
      await page.setViewportSize({ width: 1280, height: 900 });
      await page.emulateMedia({ colorScheme: 'dark' });
      copyFileSync(clip, gone);
      await notice.getByRole('button', { name: 'Try again' }).click();
      await page.getByText(/frames a second/).waitFor();
      await rig.get(`/v1/jobs/${id}`, { method: 'DELETE' });
    }, 60_000);

    test('a job that is not there is said so', async () => {
      const { page } = look;
      await show(page, crypto.randomUUID());
      await page.getByRole('alert').getByText('JOB_NOT_FOUND').waitFor();
    });

    test('a worker that dies shows in the strip, with its cause', async () => {
      const { page } = look;
      const [worker] = (await rig.get('/v1/stats')).body.pool.workers;
      process.kill(worker.pid, 'SIGKILL');
      await page.getByText('Last error:').waitFor();
      await page.getByText('Last error:').click();
      expect(await page.getByRole('region', { name: 'Pool' }).textContent()).toMatch(
        /(WORKER_DIED|OOM_SUSPECTED) The daemon .* was killed by SIGKILL/,
      );
      await page.getByText('Pool ready').waitFor();
      expect(await violations(page)).toEqual([]);
      await keepPicture(page, 'worker-died-1280-dark');
    }, 60_000);

    test('the theme is kept', async () => {
      const { page } = look;
      const theme = () => page.evaluate(() => document.documentElement.dataset.theme ?? 'system');
      await page.getByRole('button', { name: /^Theme: system/ }).click();
      expect(await theme()).toBe('light');
      await page.reload();
      expect(await theme()).toBe('light');
      await page.getByRole('button', { name: /^Theme: light/ }).click();
      await page.getByRole('button', { name: /^Theme: dark/ }).click();
      expect(await theme()).toBe('system');
    });

    test('everything is reached with the Tab key', async () => {
      const { page } = look;
      await page.goto(`${rig.url}/`);
      await page.getByRole('link', { name: /gone-before/ }).waitFor();
      const reached = new Set<string>();
      for (let press = 0; press < 12; press += 1) {
        await page.keyboard.press('Tab');
        reached.add(
          await page.evaluate(
            () => document.activeElement?.textContent?.trim() || document.activeElement?.tagName || '',
          ),
        );
      }
      const words = [...reached].join('\n');
      for (const wanted of ['pose-sidecar', '#0', 'INPUT', 'gone-before']) expect(words).toContain(wanted);
    });

    test('a gateway that is gone is told, and found again', async () => {
      const { page } = look;
      await page.route('**/v1/stats', (route) => route.abort());
      await page.getByText('Pool out of reach').waitFor();
      expect(await page.getByRole('region', { name: 'Pool' }).textContent()).toContain('does not answer');
      await page.unroute('**/v1/stats');
      await page.getByText('Pool ready').waitFor();
    });

    test('nothing was complained of', () => {
      expect(look.complaints).toEqual([]);
      expect(look.strangers).toEqual([]);
    });
  });

  describe.skipIf(!HAS_PYTHON || !HAS_BROWSER)('a gateway with keys', () => {
    test('asks for one, refuses a wrong one, and shows everything with the right one', async () => {
      const keys = join(folder, 'keys');
      writeFileSync(keys, `${KEY}\n`);
      const rig = await startGateway([...SLOW_FIGURES, '--root', folder, '--api-keys-file', keys]);
      const look = await openPage(rig.url, { width: 360, height: 740 });
      const { page } = look;
      try {
        const field = page.getByLabel('API key');
        await field.waitFor();
        expect(await violations(page)).toEqual([]);
        await field.fill('not-the-key-but-long-enough');
        await page.keyboard.press('Enter');
        await page.getByText('is not valid').waitFor();
        expect(await violations(page)).toEqual([]);
        await keepPicture(page, 'key-360-dark');
        await field.fill(KEY);
        await page.keyboard.press('Enter');
        await page.getByText('Drop a video here').waitFor();
        const short = join(folder, 'short.mp4');
        renderVideo(short, 0.5);
        await page.setInputFiles('input[type=file]', short);
        await page.waitForSelector('.transport');
        await page.waitForFunction(() => (document.querySelector('video')?.readyState ?? 0) >= 2);
        expect(await page.evaluate(() => document.querySelector('video')?.currentSrc)).toContain(
          '/source?ticket=',
        );
        expect(look.complaints).toEqual([]);
      } finally {
        await look.close();
        await rig.close();
      }
    }, 90_000);
  });
}
