/** `pose-sidecar doctor`: every finding at once, and an exit code for scripts. */
import { describe, expect, test } from 'vitest';
import { breakInterpreter } from '../../src/cli/broken-interpreter.ts';
import { doctor } from '../../src/cli/doctor.ts';
import { HAS_PYTHON, PYTHON } from '../repository.ts';
import { Collected } from './output.ts';

interface Report {
  readonly ok: boolean;
  readonly findings: readonly {
    group: string;
    name: string;
    status: string;
    detail: string;
    hint: string | null;
  }[];
}

async function examine(...argv: string[]): Promise<{ exitCode: number; report: Report }> {
  const out = new Collected();
  const exitCode = await doctor([...argv, '--json'], out);
  return { exitCode, report: JSON.parse(out.text) as Report };
}

describe.skipIf(!HAS_PYTHON)('doctor', () => {
  test('tells of the interpreter, the Python half, both halves, and one inference', async () => {
    const { exitCode, report } = await examine('--python', PYTHON);
    expect(report).toMatchObject({ ok: true });
    expect(exitCode).toBe(0);
    const found = (group: string) => report.findings.filter((finding) => finding.group === group);
    expect(found('interpreters')).toMatchObject([{ status: 'ok', detail: `${PYTHON}: used` }]);
    expect(found('the five checks')).toHaveLength(5);
    const together = found('both halves together').filter(({ status }) => status === 'ok');
    expect(together.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['protocol', 'limits', 'default model']),
    );
    expect(together.find(({ name }) => name === 'default model')?.detail).toMatch(
      /blazepose on CPU: ready .* one inference/,
    );
  });

  test('a missing module is a problem with its command, found by both halves', async () => {
    await using broken = await breakInterpreter(PYTHON, 'cv2');
    const { exitCode, report } = await examine('--python', broken.python);
    expect(exitCode).toBe(1);
    const problems = report.findings.filter(({ status }) => status === 'problem');
    expect(problems.map(({ group }) => group)).toEqual(
      expect.arrayContaining(['the five checks', 'both halves together']),
    );
    for (const { hint } of problems.filter(({ group }) => group === 'both halves together')) {
      expect(hint).toContain('pip install');
    }
  });

  test('for people: groups, marks and a verdict', async () => {
    const out = new Collected();
    expect(await doctor(['--python', PYTHON], out)).toBe(0);
    expect(out.text).toContain('both halves together\n  ✓ protocol');
    expect(out.text).toMatch(/A daemon starts and works here\. 0 problems, \d+ warnings\.\n$/);
  });
});

test('no interpreter is a problem with the next step', async () => {
  const { exitCode, report } = await examine('--python', '/nowhere/python');
  expect(exitCode).toBe(1);
  expect(report.findings).toMatchObject([
    { group: 'interpreters', status: 'warning', detail: expect.stringContaining('/nowhere/python') },
    { name: 'pose-sidecar', status: 'problem', hint: 'Run: npx pose-sidecar setup' },
  ]);
});
