/** One spawned process in a group of its own: its pipes, its end, and the only place that sends it signals. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { StartError } from '../errors.ts';
import { describeExit, type Exit } from './exit.ts';
import { oomKills } from './oom-counter.ts';
import { StderrRing } from './stderr-ring.ts';

/** After `exit`, output that is still in the pipes may arrive for this long; a grandchild can hold them open. */
export const OUTPUT_AFTER_EXIT_MS = 250;

/** After SIGKILL; a process that is still there hangs in the kernel, on a dead disk or in a driver, and is left to it. */
export const ABANDON_MS = 5_000;

/** Node says at once whether a program was started; longer than this it says neither. */
export const SPAWN_EVENT_MS = 1_000;

export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Record<string, string>;
  readonly onStderrLine?: ((line: string, pid: number) => void) | undefined;
}

type Pipes = ChildProcessByStdio<Writable, Readable, Readable>;

const WINDOWS = process.platform === 'win32';

export class Child {
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: StderrRing;
  readonly spawnedAtMs: number;
  /**
   * Settles on the process's exit plus the end of its output; never waits for other holders of the pipes, nor for a
   * process that SIGKILL does not end.
   */
  readonly exited: Promise<Exit>;
  /** Why we ended it ourselves: then the signal it died of says nothing. */
  givenUp: string | null = null;
  /** Did the kernel kill for want of memory while it lived? Null where the kernel does not tell. Known after the exit. */
  oomSeen: boolean | null = null;
  /** It did not end when it was killed, and lives on. */
  leaked = false;
  readonly #process: Pipes;
  readonly #oomKillsBefore = oomKills();
  readonly #end = Promise.withResolvers<Exit>();
  #abandoning: NodeJS.Timeout | undefined;
  #gone = false;

  private constructor(spawned: Pipes, pid: number, stderr: StderrRing) {
    this.#process = spawned;
    this.pid = pid;
    this.stdin = spawned.stdin;
    this.stdout = spawned.stdout;
    this.stderr = stderr;
    this.spawnedAtMs = performance.now();
    this.exited = this.#end.promise;
    this.#watchExit();
    // The fault shows in `exited`: a broken pipe is a symptom and never the news.
    this.stdin.on('error', () => this.expectExit('it closed its standard input'));
    this.stdout.on('error', () => this.expectExit('its standard output broke'));
    this.stdout.once('end', () => this.expectExit('it closed its standard output'));
    spawned.stderr.on('error', () => {});
    spawned.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  }

  /** Start a process. Throws StartError SPAWN_FAILED. */
  static spawn({ file, args, cwd, env, onStderrLine }: Launch): Promise<Child> {
    const onLine = onStderrLine && ((line: string) => onStderrLine(line, spawned.pid ?? 0));
    let spawned: Pipes;
    try {
      spawned = spawn(file, args, { cwd, env, stdio: 'pipe', detached: !WINDOWS, windowsHide: true });
    } catch (error) {
      return Promise.reject(spawnFailure(error, file, cwd));
    }
    const child = spawned.pid === undefined ? null : new Child(spawned, spawned.pid, new StderrRing(onLine));
    if (child !== null) {
      // Node also reports a signal that could not be sent here.
      spawned.on('error', () => {});
      return Promise.resolve(child);
    }
    return new Promise((_, reject) => {
      const refused = (error: unknown) => reject(spawnFailure(error, file, cwd));
      const timer = setTimeout(refused, SPAWN_EVENT_MS, new Error('Node gave no reason'));
      spawned.once('error', (error) => {
        clearTimeout(timer);
        refused(error);
      });
      spawned.on('error', () => {});
    });
  }

  get gone(): boolean {
    return this.#gone;
  }

  /** Milliseconds since the spawn. */
  get uptimeMs(): number {
    return performance.now() - this.spawnedAtMs;
  }

  /** Signal the whole group. Does nothing once the exit was seen: the number may belong to another process by then. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    if (this.#gone) return;
    if (signal === 'SIGKILL') this.#abandoning ??= setTimeout(() => this.#abandon(), ABANDON_MS);
    if (WINDOWS) {
      spawn('taskkill', ['/pid', String(this.pid), '/T', '/F'], { stdio: 'ignore' }).on('error', () =>
        this.#process.kill(),
      );
    } else signalGroup(this.pid, signal);
  }

  /** Kill it and remember why. The first reason stands. */
  giveUp(reason: string): void {
    if (this.#gone) return;
    this.givenUp ??= reason;
    this.kill('SIGKILL');
  }

  /** How it ended, for a sentence that begins with its name. */
  describeEnd(exit: Exit): string {
    const why = this.givenUp === null ? '' : ` because ${this.givenUp}`;
    if (this.leaked) return `was killed${why}, hangs in the kernel and was left to it`;
    return this.givenUp === null ? describeExit(exit, this.oomSeen) : `was killed${why}`;
  }

  /** Whether it keeps the host from exiting. */
  keepsHostAwake(awake: boolean): void {
    for (const handle of [this.#process, this.stdin, this.stdout, this.#process.stderr]) {
      const socket = handle as unknown as { ref?(): void; unref?(): void };
      if (awake) socket.ref?.();
      else socket.unref?.();
    }
  }

  /** A pipe that breaks is usually the first sign of an exit, which tells more; without an exit it is the news. */
  expectExit(symptom: string): void {
    const timer = setTimeout(() => this.giveUp(`${symptom} and went on running`), OUTPUT_AFTER_EXIT_MS);
    void this.exited.then(() => clearTimeout(timer));
  }

  #watchExit(): void {
    const { stdout, stderr } = this.#process;
    this.#process.once('exit', (exitCode, signal) => {
      // The group's number stays taken while it has members, so what is hit here was started by our child.
      if (!WINDOWS) signalGroup(this.pid, 'SIGKILL');
      clearTimeout(this.#abandoning);
      this.#gone = true;
      if (this.#oomKillsBefore !== null) this.oomSeen = (oomKills() ?? 0) > this.#oomKillsBefore;
      const settle = () => {
        clearTimeout(cap);
        this.#settle({ exitCode, signal });
      };
      const cap = setTimeout(settle, OUTPUT_AFTER_EXIT_MS);
      void Promise.all([ended(stdout), ended(stderr)]).then(settle);
    });
  }

  #abandon(): void {
    this.leaked = true;
    this.#gone = true;
    this.keepsHostAwake(false);
    this.#settle({ exitCode: null, signal: null });
  }

  #settle(exit: Exit): void {
    for (const pipe of [this.stdin, this.stdout, this.#process.stderr]) pipe.destroy();
    this.stderr.flush();
    this.#end.resolve(exit);
  }
}

/** Once everything readable was read. A paused stream never ends by itself, so `close` counts too. */
function ended(stream: Readable): Promise<void> {
  if (stream.readableEnded || stream.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    stream.once('end', resolve);
    stream.once('close', resolve);
  });
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // ESRCH: nobody is left in the group, which is what was wanted.
  }
}

/** ENOENT names neither the interpreter nor the directory, whichever of them is missing. */
function spawnFailure(cause: unknown, file: string, cwd: string): StartError {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
  const cwdIsThere = statSync(cwd, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (!cwdIsThere) {
    return new StartError('SPAWN_FAILED', `the working directory ${cwd} is not there (${code})`, {
      cause,
      phase: 'spawning',
      hint: 'Correct the option cwd.',
    });
  }
  const reason = SPAWN_REASONS[code];
  return new StartError(
    'SPAWN_FAILED',
    `cannot start ${file}: ${reason?.[0] ?? 'the system refused'} (${code})`,
    {
      cause,
      phase: 'spawning',
      hint: reason?.[1] ?? 'Run the program by hand in a terminal to see what it lacks.',
      retryable: TRANSIENT.has(code),
    },
  );
}

/** The system was short of something for the moment. */
const TRANSIENT = new Set(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM']);

const SPAWN_REASONS: Readonly<Record<string, readonly [reason: string, hint: string]>> = {
  ENOENT: ['no such program', 'Run `npx pose-sidecar setup`, or name an interpreter with POSE_PYTHON.'],
  EACCES: ['the file may not be executed', 'Name an executable Python interpreter with POSE_PYTHON.'],
  ENOEXEC: [
    'the file is not a program for this machine',
    'Name a Python interpreter for this CPU with POSE_PYTHON.',
  ],
  E2BIG: ['arguments and environment are too large', 'Pass less in the option env.'],
  EAGAIN: ['the limit of processes is reached', 'Raise `ulimit -u`, or use a smaller pool.'],
  EMFILE: ['the limit of open files is reached', 'Raise `ulimit -n`.'],
  ENFILE: ["the system's limit of open files is reached", 'Close other programs.'],
  ERR_INVALID_ARG_VALUE: [
    'a variable or an argument holds a NUL byte',
    'Correct the options env and command.',
  ],
  ENOMEM: ['there is not enough memory', 'Close other programs, or use a smaller pool.'],
};
