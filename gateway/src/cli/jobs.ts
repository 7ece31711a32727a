/** `pose-gateway jobs`: look at jobs, cancel them, start them anew; whether the gateway runs or not. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PoseError } from 'pose-sidecar';
import { resolveConfig } from '../config/resolve.ts';
import { jobResource } from '../http/v1/job-resource.ts';
import { JOB_STATES, type Job, type JobState, type JobStore, MAX_PAGE } from '../jobs/job.ts';
import { jobNotFound } from '../jobs/refusals.ts';
import { SqliteStore } from '../store/sqlite-store.ts';
import { FAILED, FINISHED, USAGE } from './exit-codes.ts';

const HELP = `Usage:
  pose-gateway jobs list [--state STATE] [--limit N] [--json]   newest first
  pose-gateway jobs show ID                                     all that is known of a job, as JSON
  pose-gateway jobs cancel ID                                   a running one ends within seconds
  pose-gateway jobs retry ID                                    start a failed or cancelled job anew

Options:
  --data-dir DIR   as of \`serve\`; POSE_GATEWAY_DATA_DIR and the configuration file count as well
  --config FILE    as of \`serve\`

States: ${JOB_STATES.join(', ')}. Exit code 0: done; 1: there is no such job, or the store is not there; 2: wrong usage.`;

const DEFAULT_LIMIT = 20;

interface Asked {
  readonly command: string;
  readonly id: string | undefined;
  readonly state: JobState | undefined;
  readonly limit: number;
  readonly asJson: boolean;
  readonly dataDir: string;
}

class UsageError extends Error {}

/** Returns the exit code. */
export function jobs(argv: readonly string[]): number {
  if (argv.length === 0 || argv.includes('--help') || argv.includes('-h')) {
    console.log(HELP);
    return argv.length === 0 ? USAGE : FINISHED;
  }
  try {
    const asked = parse(argv);
    const file = join(asked.dataDir, 'jobs.sqlite');
    if (!existsSync(file))
      throw new PoseError('STORE_UNAVAILABLE', `there are no jobs in ${asked.dataDir}`, {
        hint: 'Name the directory with --data-dir.',
      });
    const store = new SqliteStore({ file });
    try {
      console.log(run(store, asked));
    } finally {
      store.close();
    }
    return FINISHED;
  } catch (error) {
    if (!(error instanceof PoseError || error instanceof UsageError)) throw error;
    console.error(`pose-gateway jobs: ${error.message}`);
    return error instanceof UsageError || error.code === 'CONFIG_INVALID' ? USAGE : FAILED;
  }
}

function run(store: JobStore, { command, id = '', state, limit, asJson }: Asked): string {
  switch (command) {
    case 'show': {
      const job = store.get(id);
      if (job === null) throw jobNotFound(id);
      return JSON.stringify(jobResource(job), null, 2);
    }
    case 'cancel':
      return line(store.cancel(id));
    case 'retry':
      return line(store.retry(id));
    default: {
      const { jobs: found } = store.list({ limit, ...(state === undefined ? {} : { state }) });
      if (asJson) return JSON.stringify(found.map(jobResource), null, 2);
      return found.length === 0 ? 'no jobs' : found.map(line).join('\n');
    }
  }
}

function parse(argv: readonly string[]): Asked {
  const { values, positionals } = parsed(argv);
  const [command = '', id, ...more] = positionals;
  if (!['list', 'show', 'cancel', 'retry'].includes(command))
    throw new UsageError(`there is no command ${command}; see --help`);
  if (command !== 'list' && id === undefined) throw new UsageError(`${command} needs the id of a job`);
  if (more.length > 0 || (command === 'list' && id !== undefined))
    throw new UsageError(`too many arguments; see --help`);
  const state = JOB_STATES.find((known) => known === values.state);
  if (values.state !== undefined && state === undefined) {
    throw new UsageError(`--state must be one of ${JOB_STATES.join(', ')}, got ${values.state}`);
  }
  const limit = values.limit === undefined ? DEFAULT_LIMIT : Number(values.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE) {
    throw new UsageError(`--limit must be an integer from 1 to ${MAX_PAGE}, got ${values.limit}`);
  }
  const flags = [
    ...(values['data-dir'] === undefined ? [] : ['--data-dir', values['data-dir']]),
    ...(values.config === undefined ? [] : ['--config', values.config]),
  ];
  return {
    command,
    id,
    state,
    limit,
    asJson: values.json === true,
    dataDir: resolveConfig(flags).config.dataDir,
  };
}

function parsed(argv: readonly string[]) {
  try {
    const text = { type: 'string' } as const;
    const options = {
      state: text,
      limit: text,
      json: { type: 'boolean' },
      'data-dir': text,
      config: text,
    } as const;
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ')[0]);
  }
}

/** One line per job, in columns that scripts can cut. */
function line({ id, state, createdAtS, attempt, videoPath, progress, error }: Job): string {
  const at = new Date(createdAtS * 1000).toISOString().slice(0, 19);
  const how = error === null || state === 'completed' ? '' : `  ${error.code}`;
  const far =
    state === 'processing' && progress !== null ? `  ${progress.done}/${progress.total ?? '?'}` : '';
  return `${id}  ${state.padEnd(10)}  ${at}Z  attempt ${attempt}  ${videoPath}${far}${how}`;
}
