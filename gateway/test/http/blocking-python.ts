/** A Python that works until it is told to block: an environment of its own whose interpreter is then exchanged. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { PYTHON } from './rig.ts';

export interface BlockingPython {
  readonly path: string;
  /** From now on every process writes its id and does nothing more. */
  block(): void;
  pids(): readonly number[];
}

export function blockingPython(folder: string): BlockingPython {
  const environment = join(dirname(PYTHON), '..');
  const path = join(folder, 'bin', 'python');
  const told = join(folder, 'pids');
  mkdirSync(dirname(path), { recursive: true });
  copyFileSync(join(environment, 'pyvenv.cfg'), join(folder, 'pyvenv.cfg'));
  symlinkSync(join(environment, 'lib'), join(folder, 'lib'));
  symlinkSync(PYTHON, path);
  return {
    path,
    block() {
      writeFileSync(`${path}.new`, `#!/bin/sh\necho $$ >> '${told}'\nexec sleep 600\n`);
      chmodSync(`${path}.new`, 0o755);
      renameSync(`${path}.new`, path);
    },
    pids: () => (existsSync(told) ? readFileSync(told, 'utf8').trim().split('\n').map(Number) : []),
  };
}
