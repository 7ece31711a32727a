/** `/pose/hybrid` with an estimator of bodies, through the real daemon: mesh, triangles and cameras in the old fields. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pluginDaemon } from '../../../node-client/test/daemon/plugin-daemon.ts';
import { HAS_PYTHON, PICTURE, PYTHON, startGateway } from './rig.ts';

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
