/** The Python half that travels inside this npm package. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { VERSION } from '../version.ts';

const WHEEL_DIRECTORY = new URL('../../python/', import.meta.url);

/** Path of the wheel with this package's version, or null in a checkout where none was built. */
export function carriedWheel(directory = WHEEL_DIRECTORY): string | null {
  let files: string[];
  try {
    files = readdirSync(directory);
  } catch {
    return null;
  }
  const name = files.find((file) => file.startsWith(`pose_sidecar-${VERSION}-`) && file.endsWith('.whl'));
  return name === undefined ? null : fileURLToPath(new URL(name, directory));
}
