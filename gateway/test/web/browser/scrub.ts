/** Ten minutes under a hand that drags to and fro: how many pictures a second, and how much memory. */
import { createWriteStream, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MAX_BYTES } from '../../../web/frames/frame-cache.ts';
import { FIGURES, HAS_PYTHON, type Rig, startGateway } from '../../http/rig.ts';
import { artifact, HAS_BROWSER, type Look, openPage } from './chromium.ts';
import { untilDrawn, watchDrawings } from './drawn.ts';
import { show, submit } from './jobs.ts';
import { renderCoded } from './videos.ts';

const FRAMES = 18_000;
const PEOPLE = 3;
const JOINTS = 33;
const DRAG_MS = 8_000;
/** Beyond this memory grows with the video. */
const MAX_GROWTH_BYTES = 256 * 1024 ** 2;

interface Figures {
  /** Of the browser, which is the most there can be. */
  readonly pictures_per_second: number;
  /** New frames of people, as the hand asks for them. */
  readonly drawn_per_second: number;
  /** Those whose own picture was under them: what the browser's seeking allows. */
  readonly in_step_per_second: number;
  readonly different_frames: number;
  readonly cache_bytes: number;
  readonly heap_growth_bytes: number;
}

/** Where a mannequin would be that walks on a circle. */
function line(frame: number): string {
  const persons = Array.from({ length: PEOPLE }, (_, place) => {
    const keypoints = Array.from({ length: JOINTS }, (_, joint) => {
      const turn = frame / 40 + joint / 5 + place;
      return [80 + 40 * Math.cos(turn), 45 + 30 * Math.sin(turn), 0.5, 0.9].map(
        (value) => Math.round(value * 1e3) / 1e3,
      );
    });
    const world = keypoints.map(([x = 0, y = 0, z = 0]) => [x / 100, y / 100, z]);
    const provenance = frame % 50 < 45 ? 'detected' : 'interpolated';
    return {
      id: place + 1,
      score: 0.9,
      provenance,
      distance: 0,
      bbox_xyxy: [0, 0, 1, 1],
      keypoints,
      keypoints_world: world,
    };
  });
  return JSON.stringify({ frame, time_s: Math.round((frame / 30) * 1e6) / 1e6, persons });
}

async function writeResult(path: string): Promise<void> {
  const skeleton = {
    name: 'circle',
    keypoints: Array.from({ length: JOINTS }, (_, joint) => `joint_${joint}`),
    edges: Array.from({ length: JOINTS - 1 }, (_, joint) => [joint, joint + 1]),
    has_z: true,
    has_world: true,
  };
  const file = createWriteStream(path);
  file.write(
    `${JSON.stringify({ schema_version: 1, fps: 30, size: { width: 160, height: 90 }, skeleton })}\n`,
  );
  for (let frame = 0; frame < FRAMES; frame += 1) file.write(`${line(frame)}\n`);
  file.end();
  await finished(file);
}

/** Drags the slider once per picture, from one end to the other and back, and counts what is drawn meanwhile. */
async function drag(page: Page, cdp: CDPSession): Promise<Figures> {
  const heap = async () => {
    await cdp.send('HeapProfiler.collectGarbage');
    const { metrics } = await cdp.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0;
  };
  const before = await heap();
  const counted = await page.evaluate(
    ({ frames, ms }) =>
      new Promise<{ ticks: number; drawn: number; inStep: number; different: number; bytes: number }>(
        (resolve) => {
          const slider = document.querySelector('input[type=range]') as HTMLInputElement;
          const seen = new Set<number>();
          let [ticks, drawn, inStep, bytes] = [0, 0, 0, 0];
          let last: number | null = null;
          const note = (event: Event) => {
            const { detail } = event as CustomEvent<{
              frame: number | null;
              isApart: boolean;
              bytes: number;
            }>;
            bytes = Math.max(bytes, detail.bytes);
            if (detail.frame === null) return;
            if (detail.frame !== last) drawn += 1;
            if (!detail.isApart) inStep += 1;
            last = detail.frame;
            seen.add(detail.frame);
          };
          document.querySelector('.stage canvas')?.addEventListener('drawn', note);
          const startMs = performance.now();
          const tick = () => {
            const share = (performance.now() - startMs) / ms;
            if (share >= 1) return resolve({ ticks, drawn, inStep, different: seen.size, bytes });
            ticks += 1;
            slider.value = String(Math.round((1 - Math.abs(1 - 2 * share)) * (frames - 1)));
            slider.dispatchEvent(new Event('input', { bubbles: true }));
            requestAnimationFrame(tick);
          };
          requestAnimationFrame(tick);
        },
      ),
    { frames: FRAMES, ms: DRAG_MS },
  );
  const perSecond = (count: number) => Math.round((count / DRAG_MS) * 10_000) / 10;
  return {
    pictures_per_second: perSecond(counted.ticks),
    drawn_per_second: perSecond(counted.drawn),
    in_step_per_second: perSecond(counted.inStep),
    different_frames: counted.different,
    cache_bytes: counted.bytes,
    heap_growth_bytes: Math.round((await heap()) - before),
  };
}

export function describeScrubbing(folder: string): void {
  describe.skipIf(!HAS_PYTHON || !HAS_BROWSER)('ten minutes', () => {
    const clip = join(folder, 'long.mp4');
    const figures: Record<string, Figures> = {};
    let rig: Rig;
    let look: Look;
    let cdp: CDPSession;
    let id: string;

    beforeAll(async () => {
      rig = await startGateway([...FIGURES, '--root', folder]);
      renderCoded(clip, { frames: 30 });
      id = await submit(rig, { video_path: clip, overlay: false });
      await rig.get(`/v1/jobs/${id}/events`); // ends with the job
      const { result } = (await rig.get(`/v1/jobs/${id}`)).body;
      await writeResult(join(result.directory, 'poses.jsonl'));
      renderCoded(clip, { frames: FRAMES });
      look = await openPage(rig.url);
      cdp = await look.page.context().newCDPSession(look.page);
      await cdp.send('Performance.enable');
    }, 180_000);
    afterAll(async () => {
      await look?.close();
      await rig?.close();
      const report = { cores: cpus().length, frames: FRAMES, people: PEOPLE, joints: JOINTS, figures };
      if (Object.keys(figures).length > 0)
        writeFileSync(artifact('scrub.json'), `${JSON.stringify(report, null, 2)}\n`);
    });

    const check = ({ different_frames, cache_bytes, heap_growth_bytes }: Figures) => {
      expect(different_frames).toBeGreaterThan(10); // a busy machine is no fault
      expect(cache_bytes).toBeGreaterThan(0);
      expect(cache_bytes).toBeLessThanOrEqual(MAX_BYTES);
      expect(heap_growth_bytes).toBeLessThan(MAX_GROWTH_BYTES);
    };

    test('are dragged through over their video', async () => {
      const { page } = look;
      await show(page, id);
      await page.waitForSelector('.transport');
      await watchDrawings(page, 1);
      await page.locator('input[type=range]').fill('9000');
      await untilDrawn(page, 9_000);
      figures.video = await drag(page, cdp);
      check(figures.video);
      await page.locator('input[type=range]').fill('12345');
      expect((await untilDrawn(page, 12_345)).persons).toHaveLength(PEOPLE);
    }, 90_000);

    test('are dragged through without it', async () => {
      const { page } = look;
      rmSync(clip);
      await page.reload();
      await page.getByText('only people are shown').waitFor();
      figures.no_video = await drag(page, cdp);
      check(figures.no_video);
      await page.getByText('In space').click(); // the room is closed: WebGL without a GPU takes its time
      figures.no_video_no_room = await drag(page, cdp);
      check(figures.no_video_no_room);
      figures.no_video_no_room_again = await drag(page, cdp);
      check(figures.no_video_no_room_again);
    }, 90_000);

    test('nothing was complained of', () => {
      expect(look.complaints).toEqual([]);
    });
  });
}
