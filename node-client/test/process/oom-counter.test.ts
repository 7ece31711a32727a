import { expect, test } from 'vitest';
import { oomKills } from '../../src/process/oom-counter.ts';

const GROUP = '/sys/fs/cgroup/memory.events';
const MACHINE = '/proc/vmstat';

const absent = (file: string): never => {
  throw Object.assign(new Error(`ENOENT: ${file}`), { code: 'ENOENT' });
};

test.for<[string, Readonly<Record<string, string>>, number | null]>([
  ['the control group’s own', { [GROUP]: 'low 0\noom 3\noom_kill 2\noom_group_kill 0\n' }, 2],
  ['the group’s before the machine’s', { [GROUP]: 'oom_kill 2\n', [MACHINE]: 'oom_kill 9\n' }, 2],
  ['the machine’s', { [MACHINE]: 'nr_free_pages 1\noom_kill 7\n' }, 7],
  ['the machine’s when the group keeps none', { [GROUP]: 'low 0\n', [MACHINE]: 'oom_kill 7\n' }, 7],
  ['none at all', {}, null],
  ['files without it', { [GROUP]: 'oom 3\n', [MACHINE]: 'pgpgin 5\n' }, null],
  ['not a number', { [GROUP]: 'oom_kill many\n' }, null],
  ['empty files', { [GROUP]: '', [MACHINE]: '' }, null],
])('rows 16 and 39: the count that is read: %s', ([, files, count]) => {
  expect(oomKills((file) => files[file] ?? absent(file))).toBe(count);
});

test.skipIf(process.platform !== 'linux')(
  'rows 16 and 39: this machine has one, and it does not fall',
  () => {
    const before = oomKills();
    expect(before === null || before >= 0).toBe(true);
    expect(oomKills() ?? -1).toBeGreaterThanOrEqual(before ?? -1);
  },
);
