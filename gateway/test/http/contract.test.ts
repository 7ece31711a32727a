/** The previous service's contract, word for word: endpoints, fields, status codes, error texts, log lines. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contractVideos, FRAMES } from './contract-videos.ts';
import { FIGURES, form, HAS_PYTHON, PICTURE, type Rig, startGateway } from './rig.ts';

const { folder, clip, broken } = contractVideos();

describe.skipIf(!HAS_PYTHON)('a gateway that has nothing else to do', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startGateway([...FIGURES, '--root', folder]);
  });
  afterAll(() => rig.close());

  test('GET /health', async () => {
    const { status, body } = await rig.get('/health');
    expect(status).toBe(200);
    expect(body).toEqual({
      status: 'ready',
      models: { hmr2: 'not_loaded', vitdet: 'not_loaded', phalp: 'loaded', null: 'loaded' },
      device: 'cpu',
      ready: true,
      vitdet_available: false,
      error: null,
    });
  });

  test('GET /api/pose/health', async () => {
    const { status, body } = await rig.get('/api/pose/health');
    expect(status).toBe(200);
    expect(body).toEqual({
      status: 'healthy',
      timestamp: expect.closeTo(Date.now() / 1000, -2),
      models_loaded: true,
      gpu_available: false,
      device: 'cpu',
      models: { hmr2: false, vitdet: false, phalp: true, null: true },
      pool: { gpu_busy: false, queue_length: 0, active_jobs: 0 },
      error: null,
    });
  });

  test('GET /api/pose/pool-status', async () => {
    const { status, body } = await rig.get('/api/pose/pool-status');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      timestamp: expect.closeTo(Date.now() / 1000, -2),
      pool: { gpu_busy: false, max_workers: 1, active_workers: 0, available_workers: 1 },
      queue: { length: 0, estimated_wait_time_seconds: 0 },
      jobs: { queued: 0, processing: 0 },
      system: { device: 'cpu', gpu_available: false, models_loaded: true },
    });
    expect(body.jobs.total).toBe(body.jobs.queued + body.jobs.processing + body.jobs.completed);
  });

  test('POST /pose/video answers 200 with the whole result, one entry per frame', async () => {
    const { status, body } = await rig.post('/pose/video', { video_path: clip });
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(
      expect.arrayContaining([
        'status',
        'video_path',
        'pkl_path',
        'total_frames',
        'frames',
        'processing_time_seconds',
        'parsing_time_seconds',
        'job_id',
      ]),
    );
    expect(body).toMatchObject({
      status: 'success',
      video_path: clip,
      pkl_path: null,
      total_frames: FRAMES,
      processing_time_seconds: expect.any(Number),
      parsing_time_seconds: expect.any(Number),
      job_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(body.frames).toHaveLength(FRAMES);
    for (const [index, frame] of body.frames.entries()) {
      expect(Object.keys(frame)).toEqual(['frame_number', 'timestamp', 'persons']);
      expect(frame.frame_number).toBe(index);
      expect(frame.timestamp).toBeCloseTo(index / 30, 3);
      const [person] = frame.persons;
      expect(Object.keys(person)).toEqual(
        expect.arrayContaining([
          'track_id',
          'confidence',
          'tracking_confidence',
          'smpl',
          'keypoints_3d',
          'keypoints_2d',
          'camera',
          'bbox',
          'mesh_vertices',
        ]),
      );
      expect(person).toMatchObject({ track_id: 1, tracking_confidence: 1, smpl: null, mesh_vertices: null });
      expect(Object.keys(person.camera)).toEqual(['tx', 'ty', 'tz']);
      expect(person.keypoints_2d).toHaveLength(17);
      expect(person.bbox).toHaveLength(4);
    }
  });

  test('the same video always has the same directory, video_ and 16 hex digits', async () => {
    const answers = [
      await rig.post('/pose/video', { video_path: clip }),
      await rig.post('/pose/video', { video_path: clip }),
    ];
    const [first, second] = answers.map(({ body }) => body.result_directory);
    expect(first).toMatch(/[\\/]video_[0-9a-f]{16}$/);
    expect(second).toBe(first);
  });

  test('GET /pose/video/status/<job_id> of a job that is done', async () => {
    const { body: done } = await rig.post('/pose/video', { video_path: clip });
    const { status, body } = await rig.get(`/pose/video/status/${done.job_id}`);
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(
      expect.arrayContaining([
        'job_id',
        'status',
        'video_path',
        'queued_at',
        'started_at',
        'completed_at',
        'result',
      ]),
    );
    expect(body).toMatchObject({ job_id: done.job_id, status: 'completed', video_path: clip });
    for (const at of ['queued_at', 'started_at', 'completed_at']) {
      expect(body[at]).toBeCloseTo(Date.now() / 1000, -2);
    }
    expect(body.result).toMatchObject({ status: 'success', total_frames: FRAMES, job_id: done.job_id });
    expect(body.result.frames).toEqual(done.frames);
  });

  test('GET /pose/video/status of an unknown job is 404', async () => {
    const { status, body } = await rig.get('/pose/video/status/nope');
    expect(status).toBe(404);
    expect(body).toMatchObject({ error: 'there is no job nope', code: 'JOB_NOT_FOUND' });
  });

  test.for([
    ['no body', undefined, 'Missing video_path parameter'],
    ['no video_path', {}, 'Missing video_path parameter'],
    ['an empty video_path', { video_path: '' }, 'Missing video_path parameter'],
    ['null', { video_path: null }, 'Missing video_path parameter'],
    ['a list', { video_path: [clip] }, 'Missing video_path parameter'],
    [
      'a file that is not there',
      { video_path: join(folder, 'no.mp4') },
      `Video file not found: ${join(folder, 'no.mp4')}`,
    ],
  ] as const)('POST /pose/video with %s is 400', async ([, asked, text]) => {
    const { status, body } = await rig.post('/pose/video', asked);
    expect(status).toBe(400);
    expect(body.error).toBe(text);
  });

  test.for([
    ['a file of another place', '/etc/hostname', 'PATH_NOT_ALLOWED'],
    ['a folder', folder, 'VIDEO_UNREADABLE'],
    ['a file that is no video', import.meta.filename, 'PATH_NOT_ALLOWED'],
  ])('POST /pose/video with %s is 400', async ([, path, code]) => {
    const { status, body } = await rig.post('/pose/video', { video_path: path });
    expect({ status, code: body.code }).toEqual({ status: 400, code });
  });

  test('POST /pose/video with a damaged video is 400, and says which and why', async () => {
    const { status, body } = await rig.post('/pose/video', { video_path: broken });
    expect(status).toBe(400);
    expect(body).toMatchObject({
      error: expect.stringContaining('broken.mp4'),
      job_id: expect.any(String),
      video_path: broken,
      timestamp: expect.any(Number),
      elapsed_s: expect.any(Number),
      attempt: 1,
    });
    const line = rig.lines.find(({ job_id, code }) => job_id === body.job_id && code !== undefined);
    expect(line).toMatchObject({ video_path: broken, attempt: 1, elapsed_s: expect.any(Number) });
  });

  test('POST /pose/hybrid', async () => {
    const asked = { image_base64: PICTURE.toString('base64'), frame_number: 7 };
    const { status, body } = await rig.post('/pose/hybrid', asked);
    expect(status).toBe(200);
    expect(body).toEqual({
      frame_number: 7,
      keypoints: expect.any(Array),
      has_3d: false,
      keypoints_3d: null,
      mesh_vertices_data: null,
      mesh_faces_data: null,
      camera_translation: null,
      camera_params: { scale: null, tx: null, ty: null, type: 'none' },
      camera_full: {
        tx: null,
        ty: null,
        tz: null,
        focal_length: null,
        img_width: 32,
        img_height: 32,
        type: 'none',
      },
      detection: {
        box_center: expect.any(Array),
        box_size: expect.any(Number),
        vitdet_used: false,
        num_persons_detected: 1,
      },
      phalp_available: true,
      processing_time_ms: expect.any(Number),
      error: null,
    });
    expect(body.keypoints).toHaveLength(17);
    for (const keypoint of body.keypoints) {
      expect(Object.keys(keypoint)).toEqual(['name', 'x', 'y', 'z', 'confidence']);
    }
    expect(body.keypoints[0].name).toBe('nose');
  });

  test('POST /pose/hybrid takes a data: prefix', async () => {
    const image_base64 = `data:image/png;base64,${PICTURE.toString('base64')}`;
    expect((await rig.post('/pose/hybrid', { image_base64 })).body).toMatchObject({
      frame_number: 0,
      error: null,
    });
  });

  test.for([
    ['no image', {}, /^Missing image_base64 parameter$/],
    ['an empty image', { image_base64: '' }, /^Missing image_base64 parameter$/],
    ['something that is no image', { image_base64: 'aGVsbG8gd29ybGQ=' }, /^Failed to decode image: /],
    ['something that is not base64', { image_base64: '****' }, /^Failed to decode image: /],
    ['a path', { image_base64: clip }, /^Failed to decode image: /],
    ['half an image', { image_base64: PICTURE.toString('base64').slice(0, 60) }, /^Failed to decode image: /],
  ] as const)('POST /pose/hybrid with %s is 400', async ([, asked, text]) => {
    const { status, body } = await rig.post('/pose/hybrid', asked);
    expect(status).toBe(400);
    expect(body.error).toMatch(text);
  });

  test('POST /pose/batch answers each picture in its place, those that fail too', async () => {
    const good = { image_base64: PICTURE.toString('base64'), frame_number: 4 };
    const { status, body } = await rig.post('/pose/batch', {
      images: [good, { image_base64: 'AAAA' }, good],
    });
    expect(status).toBe(200);
    expect(body.results.map((result: { error: string | null }) => result.error)).toEqual([
      null,
      expect.stringMatching(/^Failed to decode image: /),
      null,
    ]);
    expect(Object.keys(body.results[1])).toEqual(Object.keys(body.results[0]));
    expect((await rig.post('/pose/batch', { frames: [good] })).body.results).toHaveLength(1);
  });

  test.for([[{}], [{ images: [] }], [{ images: 'x' }], [{ images: Array(65).fill({}) }]])(
    'POST /pose/batch with %j is 400',
    async ([asked]) => {
      expect((await rig.post('/pose/batch', asked)).status).toBe(400);
    },
  );

  test('POST /api/upload-video-with-pose, and its three lines in the log', async () => {
    const body = form({ role: 'rider' }, readFileSync(clip));
    const answer = await rig.get('/api/upload-video-with-pose', { method: 'POST', body });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      success: true,
      videoId: expect.stringMatching(/^upload_/),
      role: 'rider',
      frameCount: FRAMES,
    });
    expect(answer.body.meshSequence).toHaveLength(FRAMES);
    for (const [index, frame] of answer.body.meshSequence.entries()) {
      expect(Object.keys(frame)).toEqual(
        expect.arrayContaining([
          'frameNumber',
          'timestamp',
          'keypoints',
          'has3d',
          'mesh_vertices_data',
          'mesh_faces_data',
        ]),
      );
      expect(frame).toMatchObject({ frameNumber: index, has3d: false, mesh_vertices_data: null });
      expect(frame.keypoints).toHaveLength(17);
    }
    const said = rig.lines.filter(({ job_id }) => job_id === answer.body.jobId).map(({ msg }) => msg);
    expect(said).toEqual(
      expect.arrayContaining([
        '[UPLOAD] Submitting 31 frames to process pool',
        '[UPLOAD] Successfully processed 31/31 frames with pose data',
        'Pose detection completed',
      ]),
    );
  });

  test.for([
    ['no role', form({}, readableClip()), 'Missing role field'],
    ['an empty role', form({ role: '' }, readableClip()), 'Missing role field'],
    ['no video', form({ role: 'coach' }), 'No video file provided'],
  ] as const)('an upload with %s is 400', async ([, body, error]) => {
    const answer = await rig.get('/api/upload-video-with-pose', { method: 'POST', body });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ error, videoId: expect.stringMatching(/^upload_/) });
  });

  test.for([
    ['text', Buffer.from('#!/bin/sh\necho this is no video\n'.repeat(20))],
    ['half a video', readableClip().subarray(0, 400)],
  ] as const)('an upload of %s is 400 with details', async ([, bytes]) => {
    const body = form({ role: 'rider' }, bytes);
    const answer = await rig.get('/api/upload-video-with-pose', { method: 'POST', body });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ error: 'The video cannot be read', details: expect.any(String) });
  });

  test.for([
    ['/pose/hybrid', { image_base64: 'AAAA' }],
    ['/pose/video', { video_path: broken }],
  ] as const)("the trace of POST %s stands in the daemon's lines", async ([path, asked]) => {
    const trace = `00-4bf92f3577b34da6a3ce929d0e0e47${path.length}-00f067aa0ba902b7-01`;
    expect((await rig.post(path, asked, { headers: { traceparent: trace } })).status).toBe(400);
    await expect
      .poll(() => rig.lines.find((line) => line.trace === trace))
      .toMatchObject({ level: 40, daemon_pid: expect.any(Number) });
  });

  test('the log never has a fault of stdin for news', () => {
    const said = rig.lines.map(({ msg }) => msg).join('\n');
    expect(said).not.toMatch(/write EOF|stdin write failed|ModuleNotFoundError/);
  });
});

/** An MP4 by its first bytes; enough for what is refused before anybody decodes it. */
function readableClip(): Buffer<ArrayBuffer> {
  return HAS_PYTHON
    ? Buffer.concat([Buffer.from('00000018667479706d703432', 'hex'), Buffer.alloc(1000)])
    : Buffer.alloc(0);
}
