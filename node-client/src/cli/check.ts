/** `pose-sidecar check`: does a daemon start here and find nobody in a grey picture? */
import { parseArgs } from 'node:util';
import { Sidecar } from '../sidecar.ts';
import type { Output } from './run-step.ts';

const HELP = `Usage: npx pose-sidecar check [--estimator NAME] [--python INTERPRETER] [--json]

Starts one daemon, runs one real inference, ends it. Exit code 0 when all of that works.
`;

/** Returns the exit code. */
export async function check(argv: readonly string[], out: Output): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      estimator: { type: 'string' },
      python: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    out.write(HELP);
    return 0;
  }
  const { estimator, python } = values;
  const report = await Sidecar.check({ ...(estimator && { estimator }), ...(python && { python }) });
  if (values.json) {
    const error = report.error && {
      code: report.error.code,
      message: report.error.message,
      hint: report.error.hint,
    };
    out.write(`${JSON.stringify({ ...report, error }, null, 2)}\n`);
  } else if (report.ok) {
    const { hello, ready, readyMs, inferenceMs } = report;
    out.write(`✓ Python ${hello.python} at ${hello.executable}, pose-sidecar ${hello.version}\n`);
    out.write(`✓ ${ready.estimator} on ${ready.device} (${ready.runtime.name} ${ready.runtime.version})\n`);
    out.write(`✓ ready after ${Math.round(readyMs)} ms, one inference took ${inferenceMs.toFixed(1)} ms\n`);
    for (const warning of ready.warnings) out.write(`! ${warning.code}: ${warning.message}\n`);
  } else {
    out.write(`✗ ${report.error.message}\n`);
  }
  return report.ok ? 0 : 1;
}
