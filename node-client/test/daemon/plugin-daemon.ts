/** Estimators of `tests/e2e/plugins`, installed for the daemons that a test starts. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { SidecarOptions } from '../../src/index.ts';
import { PYTHON, ROOT } from '../repository.ts';

/** Options for a daemon that has this estimator, from this module's `SPEC`. Call it in a test. */
export function pluginDaemon(estimator: string, module: string, more: SidecarOptions = {}): SidecarOptions {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pose-plugin-')));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const info = join(folder, 'plugin-1.0.dist-info');
  mkdirSync(info);
  writeFileSync(join(info, 'METADATA'), 'Metadata-Version: 2.1\nName: plugin\nVersion: 1.0\n');
  const entry = `[pose_sidecar.estimators]\n${estimator} = ${module}:SPEC\n`;
  writeFileSync(join(info, 'entry_points.txt'), entry);
  const paths = [ROOT, join(ROOT, 'tests', 'e2e', 'plugins'), folder];
  const env = { PYTHONPATH: paths.join(delimiter), POSE_CACHE_DIR: join(folder, 'cache') };
  return { python: PYTHON, estimator, env, ...more };
}
