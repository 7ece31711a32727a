/** The pool's log: one structured line per event, to a function of the host or to standard error. */
import type { ResolvedOptions } from '../options.ts';
import type { PoolLogEntry, PoolLogger, PoolLogLevel } from './events.ts';
import type { Transition, WorkerState } from './life.ts';

const LEVELS: readonly PoolLogLevel[] = ['debug', 'info', 'warn', 'error'];

/** States that an operator should hear of without asking. */
const LOUD: ReadonlySet<WorkerState> = new Set(['unresponsive', 'backoff', 'broken']);
/** Twice per request: only for those who look for something. */
const QUIET: ReadonlySet<WorkerState> = new Set(['ready', 'busy']);

export function logTransition({ slot, pid, from, to, cause, code }: Transition, log: PoolLogger): void {
  const isQuiet = from !== null && QUIET.has(from) && QUIET.has(to);
  const level = LOUD.has(to) ? 'warn' : isQuiet ? 'debug' : 'info';
  log({
    level,
    event: 'transition',
    message: `worker ${slot}: ${from ?? 'new'} -> ${to}: ${cause}`,
    slot,
    pid,
    from,
    to,
    code,
  });
}

/** Entries of at least this level, as JSON lines on standard error. */
export function stderrLogger(atLeast: PoolLogLevel): PoolLogger {
  return (entry) => {
    if (LEVELS.indexOf(entry.level) < LEVELS.indexOf(atLeast)) return;
    process.stderr.write(`${toLine(entry)}\n`);
  };
}

function toLine(entry: PoolLogEntry): string {
  const facts = { time: new Date().toISOString(), name: 'pose-sidecar', ...entry };
  return JSON.stringify(facts, (_, value) => (value instanceof Error ? value.message : value));
}

/** What an operator wants to see of the options in force; the environment may hold secrets and is left out. */
export function effectiveOptions(options: ResolvedOptions): Readonly<Record<string, unknown>> {
  const { env, signal, log, logger, deprecations, canary, ...shown } = options;
  return { options: { ...shown, canary: canary === null ? null : { everyMs: canary.everyMs } } };
}
