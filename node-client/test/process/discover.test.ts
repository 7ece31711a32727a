import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findCandidates, type Surroundings } from '../../src/process/discover.ts';

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'pose-discover-')));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function executable(...parts: string[]): string {
  const path = join(root, ...parts);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '');
  chmodSync(path, 0o755);
  return path;
}

function find(around: Partial<Surroundings> = {}) {
  const empty: Surroundings = { env: {}, cwd: root, platform: 'linux' };
  return findCandidates({ ...empty, ...around });
}

const sources = ({ usable }: ReturnType<typeof find>) => usable.map(({ source, path }) => [source, path]);

describe('order', () => {
  test('service path, project, active, PATH', () => {
    const service = executable('service', '.venv', 'bin', 'python');
    const near = executable('app', 'src', '.venv', 'bin', 'python');
    const far = executable('app', '.venv', 'bin', 'python');
    const active = executable('active', 'bin', 'python');
    const onPath = executable('bin', 'python3');
    const found = find({
      env: {
        POSE_SERVICE_PATH: join(root, 'service'),
        VIRTUAL_ENV: join(root, 'active'),
        PATH: join(root, 'bin'),
      },
      cwd: join(root, 'app', 'src'),
    });
    expect(sources(found)).toEqual([
      ['POSE_SERVICE_PATH', service],
      ['project .venv', near],
      ['project .venv', far],
      ['active venv', active],
      ['PATH', onPath],
    ]);
  });

  test('POSE_PYTHON is not passed over for another', () => {
    executable('.venv', 'bin', 'python');
    const found = find({ env: { POSE_PYTHON: '/nope/python' } });
    expect(found.usable).toEqual([]);
    expect(found.rejected).toEqual([{ source: 'POSE_PYTHON', path: '/nope/python', reason: 'no such file' }]);
  });

  test('the option wins over POSE_PYTHON', () => {
    const mine = executable('mine');
    expect(sources(find({ python: mine, env: { POSE_PYTHON: executable('theirs') } }))).toEqual([
      ['option python', mine],
    ]);
  });

  test('one interpreter found twice is tried once', () => {
    const python = executable('.venv', 'bin', 'python');
    expect(sources(find({ env: { VIRTUAL_ENV: join(root, '.venv') } }))).toEqual([['project .venv', python]]);
  });
});

describe('naming', () => {
  test('a bare name is looked up on PATH', () => {
    const python = executable('bin', 'python3.11');
    expect(sources(find({ python: 'python3.11', env: { PATH: join(root, 'bin') } }))).toEqual([
      ['option python', python],
    ]);
  });

  test('a relative path counts from the working directory', () => {
    const python = executable('env', 'bin', 'python');
    expect(sources(find({ python: 'env/bin/python' }))).toEqual([['option python', python]]);
  });

  test('a checkout is put on PYTHONPATH', () => {
    executable('service', 'venv', 'bin', 'python');
    executable('service', 'sidecar', '__main__.py');
    const [candidate] = find({ servicePath: join(root, 'service') }).usable;
    expect(candidate).toMatchObject({ source: 'option servicePath', servicePath: join(root, 'service') });
  });

  test('an interpreter named beside a checkout gets it as well', () => {
    const python = executable('python');
    executable('service', 'sidecar', '__main__.py');
    const [candidate] = find({ python, servicePath: join(root, 'service') }).usable;
    expect(candidate).toMatchObject({ path: python, servicePath: join(root, 'service') });
  });
});

describe('rejected with a reason', () => {
  test('not executable, not a file, absent', () => {
    chmodSync(executable('service', '.venv', 'bin', 'python'), 0o644);
    mkdirSync(join(root, 'service', 'venv', 'bin', 'python'), { recursive: true });
    const found = find({ servicePath: join(root, 'service') });
    expect(found.rejected).toEqual([
      expect.objectContaining({ reason: 'not executable' }),
      expect.objectContaining({ reason: 'not a file' }),
      { source: 'PATH', path: 'python3', reason: 'not on PATH' },
      { source: 'PATH', path: 'python', reason: 'not on PATH' },
    ]);
  });

  test('an empty variable counts as unset', () => {
    const found = find({ env: { POSE_PYTHON: '', POSE_SERVICE_PATH: '', VIRTUAL_ENV: '', PATH: '' } });
    expect(found.rejected.map(({ source }) => source)).toEqual(['PATH', 'PATH']);
  });

  test.skipIf(process.getuid?.() !== 0)(
    'an environment that another user left in a folder open to all',
    async () => {
      const { chownSync } = await import('node:fs');
      executable('open', '.venv', 'bin', 'python');
      chmodSync(join(root, 'open'), 0o777);
      chownSync(join(root, 'open', '.venv'), 12_345, 12_345);
      const [rejected] = find({ cwd: join(root, 'open') }).rejected;
      expect(rejected).toMatchObject({
        source: 'project .venv',
        reason: expect.stringContaining('not yours'),
      });
    },
  );

  test("row 4: Windows' store alias", () => {
    const found = find({ platform: 'win32', env: { PATH: join(root, 'x\\WindowsApps\\y') } });
    expect(found.usable).toEqual([]);
    executable('x\\WindowsApps\\y', 'python.exe');
    const again = find({ platform: 'win32', env: { PATH: join(root, 'x\\WindowsApps\\y') } });
    expect(again.rejected[0]).toMatchObject({ reason: "Windows' store alias, not an interpreter" });
  });
});
