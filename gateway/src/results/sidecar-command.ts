/** One run of the Python half's command line, as a short process of its own. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

const MAX_OUTPUT_BYTES = 64 * 1024;
/** `pose-sidecar export: CODE: sentence`, and under it the next step. */
const COMPLAINT = /^pose-sidecar \w+: (?:([A-Z_]+): )?(.+)(?:\n {2}(.+))?/m;

export interface SidecarInstallation {
  readonly interpreter: string;
  /** Put on PYTHONPATH, for a checkout that is not installed; null where it is. */
  readonly servicePath: string | null;
}

export interface CommandLimits {
  /** Kills the process. */
  readonly signal: AbortSignal;
  /** Milliseconds. */
  readonly limitMs: number;
}

/** The command did not do what it was asked. */
export class SidecarCommandError extends Error {
  override name = 'SidecarCommandError';
  /** Of protocol/errors.json; null where the process did not say one. */
  readonly code: string | null;
  readonly hint: string | null;

  constructor(cause: Error & { stderr?: string; killed?: boolean }, limitMs: number) {
    const stderr = cause.stderr?.trim() ?? '';
    const [, code, sentence, hint] = COMPLAINT.exec(stderr) ?? [];
    const lastWords = cause.killed ? `it took more than ${limitMs} ms` : stderr.split('\n').at(-1);
    super(sentence ?? (lastWords || cause.message), { cause });
    this.code = code ?? null;
    this.hint = hint ?? null;
  }
}

/**
 * Run `python -m sidecar ARGUMENTS`. Settles when the process is gone. Throws SidecarCommandError, and the signal's
 * reason.
 */
export async function runSidecar(
  args: readonly string[],
  { interpreter, servicePath }: SidecarInstallation,
  { signal, limitMs }: CommandLimits,
): Promise<void> {
  signal.throwIfAborted();
  const running = run(interpreter, ['-m', 'sidecar', ...args], {
    signal,
    timeout: limitMs,
    killSignal: 'SIGKILL',
    maxBuffer: MAX_OUTPUT_BYTES,
    env: {
      PATH: process.env.PATH,
      PYTHONSAFEPATH: '1',
      PYTHONUTF8: '1',
      ...(servicePath === null ? {} : { PYTHONPATH: servicePath }),
      ...(process.env.SYSTEMROOT ? { SYSTEMROOT: process.env.SYSTEMROOT } : {}),
    },
  });
  const gone = new Promise((resolve) => running.child.once('close', resolve)); // `running` rejects when it is killed
  try {
    await running;
  } catch (error) {
    if (running.child.pid !== undefined) await gone;
    signal.throwIfAborted();
    throw new SidecarCommandError(error as Error, limitMs);
  }
}
