/** Do the two halves belong together, and what mends it when they do not. */
import { StartError } from '../errors.ts';
import { VERSION } from '../version.ts';
import type { HelloMessage } from '../wire/generated/messages.ts';
import { MAJOR } from '../wire/header.ts';

/** Returns null when client and daemon may work together. */
export function findSkew(hello: HelloMessage, version = VERSION): StartError | null {
  if (!hello.protocol.includes(MAJOR)) {
    return skew(
      hello,
      `the daemon speaks protocol [${hello.protocol.join(', ')}] (pose-sidecar ${hello.version}), ` +
        `this client [${MAJOR}] (pose-sidecar ${version})`,
      version,
    );
  }
  if (hello.version !== version) {
    return skew(
      hello,
      `the Python half is pose-sidecar ${hello.version}, the npm package is ${version}`,
      version,
    );
  }
  return null;
}

function skew(hello: HelloMessage, sentence: string, version: string): StartError {
  return new StartError('VERSION_SKEW', `${sentence} (interpreter ${hello.executable})`, {
    phase: 'hello',
    hint: `Run \`npx pose-sidecar setup\`, or "${hello.executable}" -m pip install pose-sidecar==${version}`,
  });
}
