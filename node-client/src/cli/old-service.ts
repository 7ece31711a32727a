/** How the previous service worked: one Python process per frame, the frame on its standard input. */
import { spawn } from 'node:child_process';

/** It loaded its modules first and looked at its input afterwards. */
const workerProgram = (module: string) => `
import base64, json, sys
import ${module}
frame = json.load(sys.stdin)
json.dump({"bytes": len(base64.b64decode(frame["imageBase64"]))}, sys.stdout)
`;

/** A frame of this size does not fit into a pipe, so the parent is still writing when the child dies. */
const FRAME_BYTES = 750_000;

/** What its back end put into its log for one frame, or null when the frame came through. */
export function oldServiceFrame(python: string, module: string): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(python, ['-c', workerProgram(module)], { stdio: 'pipe' });
    // Its standard error went nowhere.
    child.stderr.resume();
    child.stdout.resume();
    child.on('error', (error) => resolve(error.message));
    child.stdin.on('error', (error) => resolve(`stdin write failed: ${error.message}`));
    child.on('close', (exitCode) => resolve(exitCode === 0 ? null : `Python exited with code ${exitCode}`));
    child.stdin.end(JSON.stringify({ imageBase64: Buffer.alloc(FRAME_BYTES).toString('base64') }));
  });
}
