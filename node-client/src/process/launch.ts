/** Start a daemon on the first interpreter that holds one. */
import { randomBytes } from 'node:crypto';
import { SYSTEM_CLOCK } from '../clock.ts';
import { AbortedError, InitFailedError, type RejectedCandidate, StartError } from '../errors.ts';
import type { ResolvedOptions } from '../options.ts';
import type { InitMessage } from '../wire/generated/messages.ts';
import { MAJOR } from '../wire/header.ts';
import { Child } from './child.ts';
import { Connection } from './connection.ts';
import { Daemon } from './daemon.ts';
import { type Candidate, findCandidates } from './discover.ts';
import { daemonEnvironment } from './environment.ts';
import { Handshake, type HandshakeSettings } from './handshake.ts';
import { noInterpreter } from './no-interpreter.ts';
import { lowerPriority } from './priority.ts';
import { abandon } from './shutdown.ts';

/** Progress messages come at least this often. */
const HEARTBEAT_S = 2;

/** A daemon that said why it cannot start may end by itself, so that its log is whole. */
const LAST_WORDS_MS = 250;

interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly servicePath?: string | undefined;
}

export type LaunchOptions = ResolvedOptions & Pick<HandshakeSettings, 'onPhase'>;

/** Start one daemon and wait until it is ready. Throws StartError, InitFailedError or AbortedError; leaves no process. */
export async function launch(options: LaunchOptions): Promise<Daemon> {
  if (options.command !== undefined) {
    const [file = '', ...args] = options.command;
    return startProgram({ file, args }, options);
  }
  const { usable, rejected } = findCandidates({
    python: options.python,
    servicePath: options.servicePath,
    env: process.env,
    cwd: options.cwd,
    platform: process.platform,
  });
  const reasons: RejectedCandidate[] = [...rejected];
  for (const candidate of usable) {
    try {
      return await startCandidate(candidate, options);
    } catch (error) {
      const reason = whyNotInstalled(error);
      if (reason === null) throw error;
      reasons.push({ source: candidate.source, path: candidate.path, reason });
    }
  }
  throw noInterpreter(reasons);
}

function startCandidate({ path, servicePath }: Candidate, options: LaunchOptions): Promise<Daemon> {
  return startProgram({ file: path, args: ['-m', 'sidecar'], servicePath }, options);
}

async function startProgram({ file, args, servicePath }: Program, options: LaunchOptions): Promise<Daemon> {
  const { signal, logger, cwd, threads, modelsDir } = options;
  if (signal?.aborted) throw new AbortedError(signal.reason);
  const nonce = randomBytes(16).toString('hex');
  const child = await Child.spawn({
    file,
    args: [...args, '--wire', 'frames'],
    cwd,
    env: daemonEnvironment(process.env, { nonce, threads, servicePath, modelsDir, extra: options.env }),
    onStderrLine: logger && ((line, pid) => logger(line, { pid })),
  });
  void giveWay(child.pid, options);
  try {
    return await greet(child, nonce, options);
  } catch (error) {
    await abandon(child, error instanceof InitFailedError ? LAST_WORDS_MS : 0, SYSTEM_CLOCK);
    throw error;
  }
}

async function giveWay(pid: number, { niceness, log }: LaunchOptions): Promise<void> {
  const failure = await lowerPriority(pid, niceness);
  if (failure === null) return;
  const message = `the priority of daemon ${pid} could not be lowered, or not fully: ${failure}`;
  log({ level: 'warn', event: 'priority', message, pid });
}

function greet(child: Child, nonce: string, options: LaunchOptions): Promise<Daemon> {
  const { startTimeoutMs, startSilenceMs, signal, onPhase, drainMs, cancelGraceMs } = options;
  const connection = new Connection(child, SYSTEM_CLOCK);
  const settings = {
    nonce,
    init: initMessage(options),
    startTimeoutMs,
    startSilenceMs,
    signal,
    onPhase,
    clock: SYSTEM_CLOCK,
  };
  return new Handshake(
    child,
    connection,
    settings,
    (greeting) => new Daemon(child, connection, greeting, { clock: SYSTEM_CLOCK, drainMs, cancelGraceMs }),
  ).done;
}

function initMessage({
  estimator,
  estimatorOptions,
  threads,
  logLevel,
  startTimeoutMs,
}: ResolvedOptions): InitMessage {
  return {
    type: 'init',
    protocol: MAJOR,
    ...(estimator === undefined ? {} : { estimator }),
    options: estimatorOptions,
    threads,
    log_level: logLevel,
    heartbeat_s: HEARTBEAT_S,
    deadline_ms: startTimeoutMs,
  };
}

/** Python's own words for "there is no such module", which here means: not this interpreter. */
function whyNotInstalled(error: unknown): string | null {
  if (!(error instanceof StartError) || error.code !== 'START_FAILED' || error.phase !== 'spawning')
    return null;
  const said = /No module named '?sidecar(\.__main__)?\b.*/.exec(error.stderrTail);
  return said && `has no pose-sidecar (${said[0]})`;
}
