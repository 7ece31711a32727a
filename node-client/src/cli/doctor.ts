/** `pose-sidecar doctor`: interpreters, the Python half's own findings, both halves together, one inference per model. */
import { execFile } from 'node:child_process';
import { parseArgs, promisify } from 'node:util';
import { PoseError } from '../errors.ts';
import type { SidecarOptions } from '../options.ts';
import { type Candidate, findCandidates } from '../process/discover.ts';
import { Sidecar } from '../sidecar.ts';
import { VERSION } from '../version.ts';
import { MAJOR } from '../wire/header.ts';
import { environmentOf, whyWithoutSidecar } from './installed-python.ts';
import type { Output } from './run-step.ts';

const HELP = `Usage: npx pose-sidecar doctor [--python INTERPRETER] [--json]

Everything that can be found out about this machine, each finding with its fix: which interpreters were considered and
why, the Python half's own findings, versions and limits of both halves, one real inference with every model that is
here. Exit code 0 when a daemon can start, 1 when not.
`;

const DOCTOR_TIMEOUT_MS = 60_000;
const OUTPUT_LIMIT_BYTES = 16 * 1024 * 1024;

type Status = 'ok' | 'warning' | 'problem';

interface Finding {
  readonly group: string;
  readonly name: string;
  readonly status: Status;
  readonly detail: string;
  readonly hint: string | null;
}

const MARKS: Readonly<Record<Status, string>> = { ok: '✓', warning: '!', problem: '✗' };

/** How to start the default estimator with a model, by the model's name. */
const STARTED_WITH: Readonly<Record<string, SidecarOptions>> = {
  'blazepose-full': {},
  'blazepose-lite': { options: { model: 'lite' } },
  'rtmdet-nano': { detector: 'rtmdet-nano' },
};

/** Returns the exit code. */
export async function doctor(argv: readonly string[], out: Output): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      python: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    out.write(HELP);
    return 0;
  }
  const findings: Finding[] = [];
  let group = '';
  const tell = (finding: Finding) => {
    findings.push(finding);
    if (values.json) return;
    if (finding.group !== group) out.write(`${group === '' ? '' : '\n'}${finding.group}\n`);
    group = finding.group;
    out.write(`  ${MARKS[finding.status]} ${finding.name.padEnd(20)} ${finding.detail}\n`);
    if (finding.hint) out.write(`    ${''.padEnd(20)} fix: ${finding.hint}\n`);
  };
  await examine(values.python, tell);
  const problems = findings.filter(({ status }) => status === 'problem').length;
  const warnings = findings.filter(({ status }) => status === 'warning').length;
  if (values.json)
    out.write(`${JSON.stringify({ ok: problems === 0, version: VERSION, findings }, null, 2)}\n`);
  else {
    const verdict = problems === 0 ? 'A daemon starts and works here.' : 'Not yet.';
    out.write(`\n${verdict} ${problems} problems, ${warnings} warnings.\n`);
  }
  return problems === 0 ? 0 : 1;
}

async function examine(python: string | undefined, tell: (finding: Finding) => void): Promise<void> {
  const chosen = await examineInterpreters(python, tell);
  if (chosen === null) return;
  const env = environmentOf(chosen, process.env);
  for (const finding of await pythonFindings(chosen.path, env)) tell(finding);
  for (const options of await modelVariants(chosen.path, env)) {
    await examineModel({ ...options, python: chosen.path }, tell);
  }
}

async function examineInterpreters(
  python: string | undefined,
  tell: (finding: Finding) => void,
): Promise<Candidate | null> {
  const around = { python, env: process.env, cwd: process.cwd(), platform: process.platform };
  const { usable, rejected } = findCandidates(around);
  const group = 'interpreters';
  let chosen: Candidate | null = null;
  for (const candidate of usable) {
    const reason = await whyWithoutSidecar(candidate.path, environmentOf(candidate, process.env));
    const verdict = reason ?? (chosen === null ? 'used' : 'would do too');
    if (reason === null) chosen ??= candidate;
    const name = candidate.source;
    tell({
      group,
      name,
      status: reason === null ? 'ok' : 'warning',
      detail: `${candidate.path}: ${verdict}`,
      hint: null,
    });
  }
  for (const { source, path, reason } of rejected) {
    tell({ group, name: source, status: 'warning', detail: `${path}: ${reason}`, hint: null });
  }
  if (chosen === null) {
    const hint = 'Run: npx pose-sidecar setup';
    tell({ group, name: 'pose-sidecar', status: 'problem', detail: 'no interpreter here has it', hint });
  }
  return chosen;
}

/** What the Python half finds; its own failure is a finding. */
async function pythonFindings(python: string, env: NodeJS.ProcessEnv): Promise<readonly Finding[]> {
  try {
    const report = await askPython<{ findings: (Omit<Finding, 'status'> & { status: string })[] }>(
      python,
      env,
      ['doctor'],
    );
    return report.findings.map((finding) => ({ ...finding, status: statusOf(finding.status) }));
  } catch (error) {
    const detail = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    const hint = `Run: "${python}" -m sidecar doctor`;
    return [{ group: 'Python half', name: 'doctor', status: 'problem', detail, hint }];
  }
}

function statusOf(said: string): Status {
  return said === 'ok' || said === 'warning' ? said : 'problem';
}

/** Options for each model that is on this machine; the default model alone when that cannot be found out. */
async function modelVariants(python: string, env: NodeJS.ProcessEnv): Promise<readonly SidecarOptions[]> {
  try {
    const models = await askPython<{ name: string; path: string | null }[]>(python, env, ['models', 'list']);
    const present = models
      .filter(({ path }) => path !== null)
      .flatMap(({ name }) => STARTED_WITH[name] ?? []);
    return present.length > 0 ? present : [{}];
  } catch {
    return [{}]; // the doctor's findings say why
  }
}

async function examineModel(options: SidecarOptions, tell: (finding: Finding) => void): Promise<void> {
  const group = 'both halves together';
  const name = options.detector ?? String(options.options?.model ?? 'default model');
  const report = await Sidecar.check(options);
  if (!report.ok) {
    const { message, hint } = report.error;
    tell({ group, name, status: 'problem', detail: message.split('\n')[0] ?? message, hint });
    return;
  }
  const { hello, ready, readyMs, inferenceMs } = report;
  if (name === 'default model') {
    const megabytes = (bytes: number) => Math.round(bytes / 1024 / 1024);
    const { body_bytes: bodyBytes, pixels } = hello.limits;
    const versions = `protocol ${MAJOR} here, ${hello.protocol.join(', ')} there; versions ${VERSION} and ${hello.version}`;
    tell({ group, name: 'protocol', status: 'ok', detail: versions, hint: null });
    const limits = `${megabytes(bodyBytes)} MiB a body, ${Math.round(pixels / 1e6)} Mpx an image, ${ready.credits.requests} requests in flight`;
    tell({ group, name: 'limits', status: 'ok', detail: limits, hint: null });
  }
  const detail = `${ready.estimator} on ${ready.device}: ready after ${Math.round(readyMs)} ms, one inference ${inferenceMs.toFixed(1)} ms`;
  tell({ group, name, status: 'ok', detail, hint: null });
  for (const { code, message } of ready.warnings)
    tell({ group, name: code, status: 'warning', detail: message, hint: null });
}

/** Run a command of the Python half with `--json`. A doctor that found problems exits with 1 and tells them all the same. */
async function askPython<Answer>(
  python: string,
  env: NodeJS.ProcessEnv,
  command: readonly string[],
): Promise<Answer> {
  const limits = { env, timeout: DOCTOR_TIMEOUT_MS, maxBuffer: OUTPUT_LIMIT_BYTES };
  try {
    const { stdout } = await promisify(execFile)(python, ['-m', 'sidecar', ...command, '--json'], limits);
    return JSON.parse(stdout) as Answer;
  } catch (error) {
    const { stdout } = error as { readonly stdout?: string };
    if (stdout?.trimStart().startsWith('{')) return JSON.parse(stdout) as Answer;
    throw error instanceof Error ? error : new PoseError('INTERNAL', String(error));
  }
}
