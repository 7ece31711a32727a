/** The estimator of `tests/e2e/plugins` that misbehaves as it is told. */
import type { SidecarOptions } from '../../src/index.ts';
import { pluginDaemon } from './plugin-daemon.ts';

/** Options for a daemon that does this as soon as it is asked for people. Call it in a test. */
export function oddDaemon(does: string, more: SidecarOptions = {}): SidecarOptions {
  return pluginDaemon('odd', 'odd_estimator', { options: { does }, ...more });
}
