/** The previous service's contract where there is a queue: places in it, both sample clients, the time limit. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contractVideos, FRAMES, LONG_FRAMES } from './contract-videos.ts';
import { form, HAS_PYTHON, type Rig, SLOW_FIGURES, startGateway } from './rig.ts';
import { carefulClient, pollingClient } from './sample-clients.ts';

const { folder, clip, long, broken } = contractVideos();

describe.skipIf(!HAS_PYTHON)('a gateway that is busy', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startGateway([...SLOW_FIGURES, '--root', folder, '--degraded-queue', '1']);
  });
  afterAll(() => rig.close());

  test('answers 202 and a place in the queue, and the first sample client comes to its result', async () => {
    const first = rig.post('/pose/video', { video_path: long });
    await expect.poll(async () => (await rig.get('/api/pose/health')).body.pool.gpu_busy).toBe(true);
    const { status, body } = await rig.post('/pose/video', { video_path: clip });
    expect(status).toBe(202);
    expect(body).toMatchObject({
      status: 'queued',
      job_id: expect.any(String),
      message: expect.any(String),
      queue_position: 1,
    });
    const waiting = await rig.get(`/pose/video/status/${body.job_id}`);
    expect(waiting.body).toMatchObject({
      status: 'queued',
      started_at: null,
      completed_at: null,
      result: null,
    });
    const poll = pollingClient(rig.url, clip);
    const status3 = await rig.get('/api/pose/pool-status');
    expect(status3.body).toMatchObject({
      pool: { gpu_busy: true, max_workers: 1 },
      jobs: { processing: 1 },
    });
    expect((await first).body).toMatchObject({ status: 'success', total_frames: LONG_FRAMES });
    expect(await poll).toMatchObject({ frames: FRAMES, result: { status: 'success' } });
  });

  test('is degraded, with 200, when more jobs wait than the limit', async () => {
    const jobs = [];
    for (let number = 0; number < 3; number += 1) {
      jobs.push((await rig.post('/v1/jobs', { video_path: long, force: true })).body.id);
    }
    const { status, body } = await rig.get('/api/pose/health');
    expect({ status, said: body.status, length: body.pool.queue_length }).toEqual({
      status: 200,
      said: 'degraded',
      length: 2,
    });
    for (const id of jobs) await rig.get(`/v1/jobs/${id}`, { method: 'DELETE' });
  });

  test('a queued video that fails is completed with result.status error for a client that only knows completed', async () => {
    await expect.poll(async () => (await rig.get('/api/pose/health')).body.pool.gpu_busy).toBe(false);
    const { body: first } = await rig.post('/v1/jobs', { video_path: long, force: true });
    const { result, frames } = await pollingClient(rig.url, broken);
    expect(frames).toBe(0);
    expect(result).toMatchObject({
      status: 'error',
      error: expect.stringContaining('broken.mp4'),
      frames: [],
      job_id: expect.any(String),
      video_path: broken,
      attempt: 1,
    });
    const { body: job } = await rig.get(`/v1/jobs/${result.job_id}`);
    expect(job).toMatchObject({ state: 'failed', error: { code: result.code } });
    expect((await rig.get(`/v1/jobs/${first.id}`)).body.state).toBe('completed');
  });

  test('the second sample client sees healthy, an empty queue, and submits', async () => {
    const { queued, response } = await carefulClient(rig.url, clip);
    expect(queued).toBe(0);
    expect(response.status).toBe(200);
    expect(((await response.json()) as { total_frames: number }).total_frames).toBe(FRAMES);
    const failed = await carefulClient(rig.url, broken);
    expect(failed.response.status).toBe(400);
  });
});

describe.skipIf(!HAS_PYTHON)('limits of time', () => {
  test('POSE_TIMEOUT_MS=1000 on a long video gives the exact text, and the next video succeeds', async () => {
    const rig = await startGateway([...SLOW_FIGURES, '--root', folder, '--timeout-ms', '1000']);
    try {
      const { status, body } = await rig.post('/pose/video', { video_path: long });
      expect(status).toBe(500);
      expect(body).toMatchObject({
        error: 'Processing timeout (exceeded 1000ms)',
        job_id: expect.any(String),
        video_path: long,
        timestamp: expect.any(Number),
        elapsed_s: expect.closeTo(1, 0),
        attempt: 1,
      });
      const told = await rig.get(`/pose/video/status/${body.job_id}`);
      expect(told.body).toMatchObject({
        status: 'completed',
        result: { status: 'error', error: 'Processing timeout (exceeded 1000ms)' },
      });
      const upload = await rig.get('/api/upload-video-with-pose', {
        method: 'POST',
        body: form({ role: 'rider' }, readFileSync(long)),
      });
      expect(upload.status).toBe(500);
      expect(upload.body).toMatchObject({
        error: 'Processing timeout (exceeded 1000ms)',
        details: expect.any(String),
      });
      const { body: next } = await rig.post('/v1/jobs', { video_path: long });
      await expect
        .poll(async () => (await rig.get(`/v1/jobs/${next.id}`)).body.state, { timeout: 20_000 })
        .toBe('completed');
    } finally {
      await rig.close();
    }
  });
});
