/** What the pool and its daemons say, as lines of the gateway's log. */
import { type DaemonLogger, type PoolLogger, PoseError } from 'pose-sidecar';
import type { Logger } from './logger.ts';

const LEVELS = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARNING: 'warn',
  ERROR: 'error',
  CRITICAL: 'error',
} as const;

/** Of a line that is not ours: native code prints what it likes. */
const MAX_LINE_CHARACTERS = 4_096;

/** Errors among the facts are named by their code: their text is in the message. */
export function poolLogger(log: Logger): PoolLogger {
  return ({ level, message, ...facts }) => {
    const named = Object.entries(facts).map(([name, value]) => [
      name,
      value instanceof PoseError ? value.code : value,
    ]);
    log[level](Object.fromEntries(named), message);
  };
}

export function daemonLogger(log: Logger): DaemonLogger {
  return (line, { pid }) => {
    const said = parsed(line);
    if (said === null) {
      log.info({ daemon_pid: pid }, line.slice(0, MAX_LINE_CHARACTERS));
      return;
    }
    const { level, message, time, pid: _, ...facts } = said;
    log[LEVELS[String(level) as keyof typeof LEVELS] ?? 'info'](
      { daemon_pid: pid, ...facts },
      String(message),
    );
  };
}

function parsed(line: string): Record<string, unknown> | null {
  if (!line.startsWith('{')) return null;
  try {
    const said: unknown = JSON.parse(line);
    return typeof said === 'object' && said !== null && 'message' in said
      ? (said as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
