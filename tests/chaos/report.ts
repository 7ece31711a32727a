/** What a chaos run found, whether that is what was promised, and how it reads. */
import type { PolicyName } from './settings.ts';

export interface ChaosReport {
  readonly policy: PolicyName;
  readonly seed: number;
  readonly sent: number;
  readonly answered: number;
  /** Rejections with a typed error, by code. */
  readonly failed: Readonly<Record<string, number>>;
  readonly untyped: number;
  /** Requests that never ended. */
  readonly lost: number;
  readonly twice: number;
  readonly mixedUp: number;
  /** Difference between the pool's own counts of answers and rejections and those of its callers. */
  readonly miscounted: number;
  /** Unhandled rejections, uncaught exceptions and warnings of Node. */
  readonly unhandled: number;
  /** Errors and log lines that name a broken pipe. */
  readonly symptoms: number;
  readonly kills: number;
  readonly killsWhileStarting: number;
  readonly recoveriesMs: readonly number[];
  /** Kills after which the place did not become ready again. */
  readonly unrecovered: number;
  readonly retried: number;
  /** Daemons that live after `close()`. */
  readonly leftBehind: number;
  readonly seconds: number;
}

/** The counts that must be 0 under every policy. */
const NEVER = [
  'lost',
  'untyped',
  'twice',
  'mixedUp',
  'miscounted',
  'unhandled',
  'symptoms',
  'unrecovered',
  'leftBehind',
] as const;

/** Broken promises, in words; none: all were kept. */
export function violations(report: ChaosReport): readonly string[] {
  const found = NEVER.filter((name) => report[name] !== 0).map((name) => `${name} ${report[name]}`);
  if (report.policy === 'tough' && report.answered !== report.sent) {
    found.push(`${report.sent - report.answered} of ${report.sent} not answered${codes(report)}`);
  }
  if (report.kills === 0) found.push('nobody was killed, so nothing was shown');
  return found;
}

/** One line. */
export function toLine(report: ChaosReport): string {
  const { policy, sent, answered, twice, unhandled, kills, killsWhileStarting, retried, seconds } = report;
  const recovery = `p50 ${Math.round(quantile(report.recoveriesMs, 0.5))} ms, p99 ${Math.round(quantile(report.recoveriesMs, 0.99))} ms`;
  return (
    `${policy}: sent ${sent}, answered ${answered}${codes(report)}, twice ${twice}, unhandled ${unhandled}; ` +
    `${kills} kills (${killsWhileStarting} while starting), recovery ${recovery}; retried ${retried}, ${seconds.toFixed(1)} s`
  );
}

/** Nearest rank; 0 of nothing. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function codes({ failed }: ChaosReport): string {
  const parts = Object.entries(failed).map(([code, count]) => `${code} ${count}`);
  return parts.length === 0 ? '' : ` (rejected: ${parts.join(', ')})`;
}
