/** `pose-sidecar demo-break cv2`: what a missing module looked like before, and what it looks like now. */
import { parseArgs } from 'node:util';
import { InitFailedError, PoseError } from '../errors.ts';
import { Sidecar } from '../sidecar.ts';
import { breakInterpreter } from './broken-interpreter.ts';
import { findInstalledPython } from './installed-python.ts';
import { oldServiceFrame } from './old-service.ts';
import type { Output } from './run-step.ts';

const HELP = `Usage: npx pose-sidecar demo-break [MODULE]

Runs the previous service's way of working and ours on a copy of the interpreter's environment without MODULE
(default cv2).
`;

/** The previous service failed on a video of this length, with this many processes at a time. */
const FRAMES = 31;
const AT_A_TIME = 2;
const LINES_SHOWN = 3;

/** Returns the exit code: 0 when both failed as they should. */
export async function demoBreak(argv: readonly string[], out: Output): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h', default: false } },
  });
  if (values.help) {
    out.write(HELP);
    return 0;
  }
  const module = positionals[0] ?? 'cv2';
  const python = await findInstalledPython({
    env: process.env,
    cwd: process.cwd(),
    platform: process.platform,
  });
  const broken = await breakInterpreter(python.path, module);
  try {
    out.write(`Both run on ${broken.python}: ${python.path} without ${module}.\n`);
    await showOldWay(broken.python, module, out);
    return await showOurWay(broken.python, module, out);
  } finally {
    await broken[Symbol.asyncDispose]();
  }
}

async function showOldWay(python: string, module: string, out: Output): Promise<void> {
  out.write(`\nBefore: one process per frame, ${FRAMES} frames, ${AT_A_TIME} at a time\n`);
  let next = 0;
  let failed = 0;
  const work = async () => {
    while (next < FRAMES) {
      const frame = next++;
      const fault = await oldServiceFrame(python, module);
      if (fault === null) continue;
      failed += 1;
      if (failed <= LINES_SHOWN) out.write(`  frame ${frame}: ${fault}\n`);
    }
  };
  const startedAtMs = performance.now();
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
  out.write(`  … ${failed} of ${FRAMES} failed in ${seconds} s, and no line says why.\n`);
}

async function showOurWay(python: string, module: string, out: Output): Promise<number> {
  out.write('\nNow: the daemon speaks before it imports\n');
  const startedAtMs = performance.now();
  try {
    const sidecar = await Sidecar.start({ python });
    await sidecar.close();
    out.write(`  It starts: the default model does not need ${module}.\n`);
    return 1;
  } catch (error) {
    if (!(error instanceof PoseError)) throw error;
    out.write(`${error.message.replace(/^/gm, '  ')}\n`);
    out.write(`  … on screen ${Math.round(performance.now() - startedAtMs)} ms after the start.\n`);
    return error instanceof InitFailedError && error.module === module ? 0 : 1;
  }
}
