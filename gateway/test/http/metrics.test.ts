/** The numbers for Prometheus are there, move, and are told in bounded labels. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parseGpus } from '../../src/metrics/gpu.ts';
import { FIGURES, HAS_PYTHON, PICTURE, type Rig, renderVideo, startGateway } from './rig.ts';

const folder = mkdtempSync(join(tmpdir(), 'pose-metrics-'));
const clip = join(folder, 'clip.mp4');

describe.skipIf(!HAS_PYTHON)('GET /metrics', () => {
  let rig: Rig;
  let text: string;

  /** The value of a sample, or null where it is not told. */
  const value = (sample: string): number | null => {
    const line = text.split('\n').find((candidate) => candidate.startsWith(`${sample} `));
    return line === undefined ? null : Number(line.slice(sample.length + 1));
  };

  beforeAll(async () => {
    renderVideo(clip, 1);
    rig = await startGateway([...FIGURES, '--root', folder]);
    await rig.post('/pose/hybrid', { image_base64: PICTURE.toString('base64') });
    await rig.post('/pose/hybrid', { image_base64: 'AAAA' });
    await rig.post('/pose/video', { video_path: clip });
    await rig.get('/v1/jobs/nope');
    await rig.get('/nowhere/at/all');
    const [worker] = rig.gateway.service.pool.status().workers;
    if (!worker?.daemon) throw new Error('no daemon is ready');
    process.kill(worker.daemon.pid, 'SIGKILL');
    await vi.waitFor(async () => expect((await rig.get('/v1/stats')).body.pool.deaths).toBe(1));
    await vi.waitFor(async () => expect((await rig.get('/readyz')).status).toBe(200), 10_000);
    const answer = await rig.get('/metrics');
    expect(answer.headers.get('content-type')).toContain('text/plain');
    text = answer.body;
  });
  afterAll(async () => {
    await rig.close();
    rmSync(folder, { recursive: true });
  });

  test.for([
    ['pose_queue_length', 0],
    ['pose_queue_oldest_seconds', 0],
    ['pose_queue_degraded_length', 10],
    ['pose_job_store_up', 1],
    ['pose_job_interruptions', 0],
    ['pose_job_late_results', 0],
    ['pose_jobs{state="queued"}', 0],
    ['pose_jobs{state="completed"}', 1],
    ['pose_job_seconds_count{outcome="completed"}', 1],
    ['pose_job_wait_seconds_count', 1],
    ['pose_video_frames_per_second_count', 1],
    ['pose_frame_persons_total{provenance="detected"}', 30],
    ['pose_workers{state="ready"}', 1],
    ['pose_workers{state="broken"}', 0],
    ['pose_workers_ready', 1],
    ['pose_calls_in_flight', 0],
    ['pose_calls_queued', 0],
    ['pose_calls_oldest_wait_seconds', 0],
    ['pose_inputs_quarantined', 0],
    ['pose_breaker_state{state="closed"}', 1],
    ['pose_breaker_state{state="open"}', 0],
    ['pose_calls_total{op="estimate",outcome="ok"}', 1],
    ['pose_calls_total{op="estimate",outcome="error"}', 1],
    ['pose_call_stage_seconds_count{op="estimate",stage="queue"}', 2],
    ['pose_call_stage_seconds_count{op="estimate",stage="wire"}', 2],
    ['pose_call_stage_seconds_count{op="estimate",stage="decode"}', 1],
    ['pose_call_stage_seconds_count{op="estimate",stage="infer"}', 1],
    ['pose_call_stage_seconds_count{op="estimate",stage="encode"}', 1],
    ['pose_uploads_under_way', 0],
    ['pose_http_request_seconds_count{method="POST",route="/pose/hybrid",status="200"}', 1],
    ['pose_http_request_seconds_count{method="POST",route="/pose/hybrid",status="400"}', 1],
    ['pose_http_request_seconds_count{method="GET",route="/v1/jobs/:id",status="404"}', 1],
    ['pose_http_request_seconds_count{method="GET",route="none",status="404"}', 1],
  ] as const)('%s is %d', ([sample, expected]) => {
    expect(value(sample)).toBe(expected);
  });

  test('memory of each worker, and the restart with its cause', () => {
    expect(value('pose_worker_rss_bytes{slot="0"}')).toBeGreaterThan(10_000_000);
    expect(text).toMatch(/pose_worker_restarts_total\{cause="(WORKER_DIED|OOM_SUSPECTED)"\} 1/);
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
  });

  test('no GPU is made up', () => {
    expect(text).not.toMatch(/^pose_gpu_utilisation\{/m);
  });
});

test('GPUs as the driver tells of them', () => {
  const text = '0, 1024, 81559, 37\n1, [N/A], 81559, 0\nNVIDIA-SMI has failed\n';
  expect(parseGpus(text)).toEqual([
    { index: '0', usedBytes: 1024 * 1024 ** 2, totalBytes: 81_559 * 1024 ** 2, utilisation: 0.37 },
  ]);
});
