/** The gateway's log: lines on the console as JSON or text, copies in a file. */
import { type Logger, multistream, pino, stdTimeFunctions } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from '../config/options.ts';
import { LogFile } from './log-file.ts';

export type { Logger };

/** What must never stand in a line, wherever a caller puts it. */
const SECRETS = ['authorization', 'cookie', '["x-api-key"]', '*.authorization', '*.cookie', '*["x-api-key"]'];

const TEXT = {
  ignore: 'pid,hostname,service,job_id',
  singleLine: true,
  translateTime: 'SYS:yyyy-mm-dd HH:MM:ss.l',
  // The old log's readers look for `job_id: <id>`.
  messageFormat: (line: Record<string, unknown>, key: string) =>
    line.job_id === undefined ? String(line[key]) : `${line[key]} job_id: ${line.job_id}`,
} as const;

interface LineWriter {
  write(line: string): void;
}

export interface OpenLog {
  readonly log: Logger;
  close(): void;
}

/** @param console Where lines for people and collectors go. */
export function openLog(config: Config, console: LineWriter = process.stdout): OpenLog {
  const isTerminal = process.stdout.isTTY === true;
  const format = config.logFormat ?? (isTerminal ? 'text' : 'json');
  let failure: Error | null = null;
  let warn = (error: Error) => {
    failure = error;
  };
  const file = new LogFile(config.logDir, (error) => warn(error));
  const toText = pretty.prettyFactory({ ...TEXT, colorize: false });
  const toConsole = pretty.prettyFactory({ ...TEXT, colorize: isTerminal });
  const level = config.debug ? 'debug' : 'info';
  const log = pino(
    {
      level,
      base: { service: 'pose-gateway' },
      timestamp: stdTimeFunctions.isoTime,
      redact: { paths: SECRETS, censor: '[hidden]' },
    },
    multistream([
      { level, stream: { write: (line) => void console.write(format === 'text' ? toConsole(line) : line) } },
      { level, stream: { write: (line) => file.write(toText(line)) } },
    ]),
  );
  warn = ({ message }) => {
    warn = () => {};
    log.warn(
      { log_dir: config.logDir, reason: message },
      'log copies cannot be written; the console goes on alone',
    );
  };
  if (failure !== null) warn(failure);
  return { log, close: () => file.close() };
}
