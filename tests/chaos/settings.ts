/** What a chaos run is told on its command line. */
import { parseArgs } from 'node:util';

/** Retry policies under test, as options of the pool. */
export const POLICIES = {
  /** No request may fail, whatever dies. */
  tough: { maxAttempts: 10, quarantineAfter: 0 },
  /** What a user gets who sets nothing: a request may fail, but only with a typed error. */
  default: {},
} as const;

export type PolicyName = keyof typeof POLICIES;

export interface ChaosSettings {
  readonly policies: readonly PolicyName[];
  readonly requests: number;
  /** Mean of an exponential distribution, seconds. */
  readonly killEveryS: number;
  readonly seed: number;
  /** Kill daemons that have not said READY too. */
  readonly startingToo: boolean;
  /** Daemons in the pool. */
  readonly size: number;
  /** Milliseconds the null estimator takes per request, so that work is in flight when a daemon dies. */
  readonly delayMs: number;
  /** Instead of the tough policy's; 1 shows that a run can fail. */
  readonly attempts: number | null;
  readonly json: boolean;
}

/** Each request has a picture of its own size: past this they would no longer be small. */
const REQUESTS_MAX = 100_000;

export const USAGE = `Usage: scripts/chaos [flags]    kill random daemons under load, count what came back
  --requests N        requests per policy (default 10000)
  --kill-every-s S    mean seconds between two kills (default 0.5)
  --policy NAME       ${Object.keys(POLICIES).join(' or ')} (default: one after the other)
  --starting-too      kill daemons that have not said READY too; enough of these open the breaker, as they shall
  --seed N            of the moments and the victims (default 1)
  --size N            daemons in the pool (default 2)
  --delay-ms N        how long a request takes (default 5)
  --attempts N        instead of the tough policy's ${POLICIES.tough.maxAttempts}
  --json              one JSON object per policy`;

/** Throws Error with what is wrong. Null: the usage was asked for. */
export function readSettings(args: readonly string[]): ChaosSettings | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      requests: { type: 'string', default: '10000' },
      'kill-every-s': { type: 'string', default: '0.5' },
      policy: { type: 'string' },
      seed: { type: 'string', default: '1' },
      'starting-too': { type: 'boolean', default: false },
      size: { type: 'string', default: '2' },
      'delay-ms': { type: 'string', default: '5' },
      attempts: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  return {
    policies: values.policy === undefined ? ['tough', 'default'] : [policy(values.policy)],
    requests: integer('--requests', values.requests, 1, REQUESTS_MAX),
    killEveryS: seconds('--kill-every-s', values['kill-every-s']),
    seed: integer('--seed', values.seed, 0, 2 ** 32 - 1),
    startingToo: values['starting-too'],
    size: integer('--size', values.size, 1, 64),
    delayMs: integer('--delay-ms', values['delay-ms'], 0, 1_000),
    attempts: values.attempts === undefined ? null : integer('--attempts', values.attempts, 1, 100),
    json: values.json,
  };
}

function policy(name: string): PolicyName {
  if (Object.hasOwn(POLICIES, name)) return name as PolicyName;
  throw new Error(`--policy must be one of ${Object.keys(POLICIES).join(', ')}, got ${name}`);
}

function integer(flag: string, text: string, minimum: number, maximum: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= minimum && value <= maximum) return value;
  throw new Error(`${flag} must be an integer from ${minimum} to ${maximum}, got ${text}`);
}

function seconds(flag: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0.01 && value <= 3_600) return value;
  throw new Error(`${flag} must be a number of seconds from 0.01 to 3600, got ${text}`);
}
