/** Every error that reaches a caller: one base, a stable code, the next step. */
import type { Exit } from './process/exit.ts';
import { ERROR_CODES, type ErrorCode } from './wire/generated/errors.ts';

export type { ErrorCode };

export interface PoseErrorOptions {
  readonly cause?: unknown;
  /** The next step for a person. */
  readonly hint?: string | null | undefined;
  /** May the same call succeed later or elsewhere? Default: what `protocol/errors.json` says of the code. */
  readonly retryable?: boolean | undefined;
}

/** Base of all errors of this package. `code` is stable and listed in `protocol/errors.json`. */
export class PoseError extends Error {
  override name = 'PoseError';
  /** One of `ErrorCode`, or a newer daemon's code that this client does not know yet. */
  readonly code: ErrorCode | (string & {});
  readonly retryable: boolean;
  readonly hint: string | null;

  constructor(code: string, sentence: string, { cause, hint, retryable }: PoseErrorOptions = {}) {
    super(
      `${code}: ${sentence}${hint ? `\nNext step: ${hint}` : ''}`,
      cause === undefined ? undefined : { cause },
    );
    this.code = code;
    this.hint = hint ?? null;
    this.retryable =
      retryable ?? (Object.hasOwn(ERROR_CODES, code) && ERROR_CODES[code as ErrorCode].retryable);
  }
}

/** Start-up phases as the daemon names them; `spawning` is before its first word. */
export type StartPhase = 'spawning' | 'hello' | 'importing' | 'loading' | 'warming';

/** An interpreter that was considered and why it was not used. */
export interface RejectedCandidate {
  /** Where it came from: `POSE_PYTHON`, `project .venv`, … */
  readonly source: string;
  readonly path: string;
  readonly reason: string;
}

/** The daemon did not get as far as accepting work. */
export class StartError extends PoseError {
  override name = 'StartError';
  readonly phase: StartPhase;
  /** The last lines of the daemon's standard error. */
  readonly stderrTail: string;
  readonly exit: Exit | null;
  readonly rejected: readonly RejectedCandidate[];

  constructor(
    code: string,
    sentence: string,
    options: PoseErrorOptions & {
      readonly phase: StartPhase;
      readonly stderrTail?: string;
      readonly exit?: Exit | null;
      readonly rejected?: readonly RejectedCandidate[];
    },
  ) {
    super(code, withStderr(sentence, options.stderrTail), options);
    this.phase = options.phase;
    this.stderrTail = options.stderrTail ?? '';
    this.exit = options.exit ?? null;
    this.rejected = options.rejected ?? [];
  }
}

/** What the daemon says about its own failed start. */
export interface InitFailure {
  readonly code: string;
  readonly phase: StartPhase;
  readonly message: string;
  readonly hint: string;
  readonly interpreter: string;
  readonly retryable: boolean;
  readonly module: string | null;
  readonly package: string | null;
  readonly command?: string | null | undefined;
  readonly traceback_tail?: string | null | undefined;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

/** The daemon found out itself why it cannot work: a missing package, a missing model, a bad option. */
export class InitFailedError extends StartError {
  override name = 'InitFailedError';
  /** The module that could not be imported. */
  readonly module: string | null;
  /** The distribution to install for it. */
  readonly package: string | null;
  readonly interpreter: string;
  /** The command that mends it, for the shell. */
  readonly command: string | null;
  readonly tracebackTail: string | null;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(failure: InitFailure) {
    super(failure.code, `${failure.message} (while ${failure.phase}, with ${failure.interpreter})`, failure);
    this.module = failure.module;
    this.package = failure.package;
    this.interpreter = failure.interpreter;
    this.command = failure.command ?? null;
    this.tracebackTail = failure.traceback_tail ?? null;
    this.details = failure.details ?? {};
  }
}

/** The daemon ended before it answered. Safe to retry: the request had no effect outside the process. */
export class WorkerDiedError extends PoseError {
  override name = 'WorkerDiedError';
  readonly pid: number;
  /** Null when the daemon was given up on rather than seen to end. */
  readonly exit: Exit | null;
  readonly stderrTail: string;
  /** Milliseconds from spawn to the end. */
  readonly uptimeMs: number;
  /** Did the kernel kill for want of memory while it lived? Null where the kernel does not tell. */
  readonly oomSeen: boolean | null;
  /** Of the request on its connection; null when the error is about the daemon. */
  readonly requestId: number | null;
  /** Times the request had been handed to a daemon; 0 when the error is about the daemon. */
  attempts = 0;

  constructor(
    code: string,
    sentence: string,
    options: PoseErrorOptions & {
      readonly pid: number;
      readonly exit: Exit | null;
      readonly stderrTail: string;
      readonly uptimeMs: number;
      readonly requestId?: number | null;
      readonly oomSeen?: boolean | null;
    },
  ) {
    super(code, withStderr(sentence, options.stderrTail), options);
    this.pid = options.pid;
    this.exit = options.exit;
    this.stderrTail = options.stderrTail;
    this.uptimeMs = options.uptimeMs;
    this.requestId = options.requestId ?? null;
    this.oomSeen = options.oomSeen ?? null;
  }
}

/** The daemon answered this request with an error and lives on. */
export class RequestError extends PoseError {
  override name = 'RequestError';
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    sentence: string,
    options: PoseErrorOptions & { readonly details?: Readonly<Record<string, unknown>> | undefined } = {},
  ) {
    super(code, sentence, options);
    this.details = options.details ?? {};
  }
}

/** The caller's AbortSignal fired; its reason is the cause. Named as the platform names it. */
export class AbortedError extends PoseError {
  override name = 'AbortError';

  constructor(reason: unknown) {
    super('ABORTED', "the caller's AbortSignal fired", { cause: reason });
  }
}

function withStderr(sentence: string, stderrTail: string | undefined): string {
  return stderrTail ? `${sentence}\nIts last words:\n${stderrTail.replace(/^/gm, '  ')}` : sentence;
}
