/** `/pose/hybrid` with an estimator of bodies, through the real daemon: mesh, triangles and cameras in the old fields. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pluginDaemon } from '../../../node-client/test/daemon/plugin-daemon.ts';
import { HAS_PYTHON, PICTURE, PYTHON, renderVideo, startGateway } from './rig.ts';

/** A Python that finds the estimator; daemons are given no PYTHONPATH of the host's. */
function pythonWithBodies(): string {
  const { PYTHONPATH = '', POSE_CACHE_DIR = '' } = pluginDaemon('bodied', 'bodied_estimator').env ?? {};
  const path = join(PYTHONPATH.split(':').at(-1) as string, 'python');
  const script = `#!/bin/sh\nPYTHONPATH='${PYTHONPATH}' POSE_CACHE_DIR='${POSE_CACHE_DIR}' exec '${PYTHON}' "$@"\n`;
  writeFileSync(path, script);
  chmodSync(path, 0o755);
  return path;
}

const isWindows = process.platform === 'win32'; // no scripts that the system starts as programs

test.skipIf(!HAS_PYTHON || isWindows).for(['on', 'off'])(
  'POST /pose/hybrid with meshes %s',
  async (meshes) => {
    const rig = await startGateway([
      ...['--python', pythonWithBodies()],
      ...['--estimator', 'bodied', '--estimator-options', JSON.stringify({ meshes })],
    ]);
    try {
      const { status, body } = await rig.post('/pose/hybrid', { image_base64: PICTURE.toString('base64') });
      expect(status).toBe(200);
      expect(body).toMatchObject({
        camera_translation: [0, 1, 2],
        camera_full: {
          tx: 0,
          ty: 1,
          tz: 2,
          focal_length: 1000,
          img_width: 32,
          img_height: 32,
          type: 'perspective',
        },
        camera_params: { type: 'weak_perspective', scale: expect.any(Number) },
        detection: { num_persons_detected: 2 },
      });
      const corners = [
        [0, 1, 2],
        [3, 4, 5],
        [6, 7, 8],
        [9, 10, 11],
      ];
      const triangles = [
        [0, 1, 2],
        [2, 1, 3],
      ];
      expect(body.mesh_vertices_data).toEqual(meshes === 'on' ? corners : null);
      expect(body.mesh_faces_data).toEqual(meshes === 'on' ? triangles : null);
    } finally {
      await rig.close();
    }
  },
);

test.skipIf(!HAS_PYTHON || isWindows)('the bodies of a video are files, with byte ranges', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pose-bodies-'));
  const clip = join(folder, 'clip.mp4');
  renderVideo(clip, 0.5);
  const rig = await startGateway([
    ...['--python', pythonWithBodies(), '--estimator', 'bodied', '--root', folder],
  ]);
  try {
    const { id } = (await rig.post('/v1/jobs', { video_path: clip })).body;
    await rig.get(`/v1/jobs/${id}/events`); // ends with the job
    const { state, result } = (await rig.get(`/v1/jobs/${id}`)).body;
    expect(state).toBe('completed');
    const kept = (name: string) => readFileSync(join(result.directory, name));
    const index = await fetch(`${rig.url}/v1/jobs/${id}/bodies.jsonl`);
    expect(index.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    expect(Buffer.from(await index.arrayBuffer())).toEqual(kept('bodies.jsonl'));
    const numbers = await fetch(`${rig.url}/v1/jobs/${id}/bodies.f32`, {
      headers: { 'accept-encoding': 'gzip' },
    });
    expect(numbers.headers.get('content-encoding')).toBeNull();
    expect(numbers.headers.get('content-disposition')).toContain('attachment');
    const bytes = Buffer.from(await numbers.arrayBuffer());
    expect(bytes.length).toBeGreaterThan(0);
    expect(bytes).toEqual(kept('bodies.f32'));
    const part = await fetch(`${rig.url}/v1/jobs/${id}/bodies.f32`, { headers: { range: 'bytes=4-11' } });
    expect(part.status).toBe(206);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(4, 12));
  } finally {
    await rig.close();
    rmSync(folder, { recursive: true });
  }
});
