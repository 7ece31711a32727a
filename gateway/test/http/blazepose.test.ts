/** The contract with the default model on a real clip: world keypoints, every frame, its own place in the old shapes. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FIXTURES, HAS_FIXTURES, HAS_WEIGHTS, ROOT } from '../../../node-client/test/repository.ts';
import { form, type Rig, startGateway } from './rig.ts';

const clip = join(FIXTURES, 'clips', 'dryslope.mp4');
const FRAMES = 131;

describe.skipIf(!(HAS_WEIGHTS && HAS_FIXTURES))('with BlazePose', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startGateway(['--models-dir', join(ROOT, '.models'), '--root', dirname(clip)]);
  }, 60_000);
  afterAll(() => rig.close());

  test('health names the model that is really loaded', async () => {
    expect((await rig.get('/health')).body.models).toEqual({
      hmr2: 'not_loaded',
      vitdet: 'not_loaded',
      phalp: 'loaded',
      blazepose: 'loaded',
    });
  });

  test('the start log tells which weights were loaded, between what was chosen and ready', () => {
    const said = rig.lines.map(({ msg }) => msg);
    const start = said.findIndex((line) => line.startsWith('models: blazepose'));
    const end = said.indexOf('ready');
    const models = rig.lines.slice(start + 1, end).filter(({ msg }) => msg.startsWith('model: '));
    expect(models).toHaveLength(2);
    for (const { msg, model, sha256, file } of models) {
      const bytes = readFileSync(file as string);
      expect(sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
      expect(msg).toBe(`model: ${model}, sha256 ${(sha256 as string).slice(0, 12)}, from ${file}`);
    }
  });

  test('a picture has 33 keypoints in pixels, and the same in metres', async () => {
    const image = readFileSync(join(FIXTURES, 'images', '000000197388.jpg'));
    const { status, body } = await rig.post('/pose/hybrid', { image_base64: image.toString('base64') });
    expect(status).toBe(200);
    expect(body).toMatchObject({ has_3d: true, error: null, camera_translation: null });
    expect(body.keypoints).toHaveLength(33);
    expect(body.keypoints_3d).toHaveLength(33);
    expect(body.detection.num_persons_detected).toBeGreaterThan(0);
    const raw = await rig.get('/v1/frames', {
      method: 'POST',
      body: image,
      headers: { 'content-type': 'image/jpeg' },
    });
    expect(raw.body.persons[0].keypoints[0].slice(0, 2)).toEqual([body.keypoints[0].x, body.keypoints[0].y]);
    expect(Object.keys(raw.body.timings_ms)).toEqual(
      expect.arrayContaining(['decode', 'infer', 'encode', 'total']),
    );
  });

  test('a video has an entry for every frame, whoever was seen in it', async () => {
    const { status, body } = await rig.post('/pose/video', { video_path: clip });
    expect(status).toBe(200);
    expect(body.total_frames).toBe(FRAMES);
    expect(body.frames.map(({ frame_number }: { frame_number: number }) => frame_number)).toEqual([
      ...Array(FRAMES).keys(),
    ]);
    // biome-ignore lint/suspicious/noExplicitAny: the old shape
    const persons: any[] = body.frames.flatMap(({ persons }: { persons: unknown[] }) => persons);
    expect(persons.length).toBeGreaterThan(100);
    for (const person of persons) {
      expect(person.keypoints_3d).toHaveLength(33);
      expect(person.keypoints_2d).toHaveLength(33);
      const wasSeen = ['detected', 'low_score'].includes(person.provenance);
      expect(person.tracking_confidence === 1).toBe(wasSeen);
      expect(person.tracking_confidence).toBeGreaterThan(0);
    }
    const upload = await rig.get('/api/upload-video-with-pose', {
      method: 'POST',
      body: form({ role: 'rider' }, readFileSync(clip)),
    });
    expect(upload.body).toMatchObject({ success: true, frameCount: FRAMES });
    const sequence = upload.body.meshSequence;
    expect(sequence.filter(({ has3d }: { has3d: boolean }) => has3d)).toHaveLength(
      body.frames.filter(({ persons }: { persons: unknown[] }) => persons.length > 0).length,
    );
    expect(upload.body.meshSequence[40].keypoints).toHaveLength(33);
  }, 120_000);
});
