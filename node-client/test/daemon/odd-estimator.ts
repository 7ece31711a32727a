/** The estimator of `tests/e2e/plugins`, which misbehaves as it is told, for daemons that this client starts. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { SidecarOptions } from '../../src/index.ts';
import { PYTHON, ROOT } from '../repository.ts';

/** Options for a daemon that does this as soon as it is asked for people. Call it in a test. */
export function oddDaemon(does: string, more: SidecarOptions = {}): SidecarOptions {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pose-odd-')));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const info = join(folder, 'odd-1.0.dist-info');
  mkdirSync(info);
  writeFileSync(join(info, 'METADATA'), 'Metadata-Version: 2.1\nName: odd\nVersion: 1.0\n');
  writeFileSync(join(info, 'entry_points.txt'), '[pose_sidecar.estimators]\nodd = odd_estimator:SPEC\n');
  const paths = [ROOT, join(ROOT, 'tests', 'e2e', 'plugins'), folder];
  const env = { PYTHONPATH: paths.join(delimiter), POSE_CACHE_DIR: join(folder, 'cache') };
  return { python: PYTHON, estimator: 'odd', options: { does }, env, ...more };
}
