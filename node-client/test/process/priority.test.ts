import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { beforeEach, describe, expect, test } from 'vitest';
import { Sidecar } from '../../src/index.ts';
import { lowerPriority, type PrioritySystem } from '../../src/process/priority.ts';
import { fakeDaemon } from '../../src/testing/index.ts';
import { checkLeaks } from '../leaks.ts';

const errno = (code: string) => Object.assign(new Error(`${code}: no`), { code });

/** As `node:os` throws. */
const systemError = (code: string) =>
  Object.assign(new Error(`${code}: no`), { code: 'ERR_SYSTEM_ERROR', info: { code } });

/** Remembers what was asked for; the session's priority fails with these codes first. */
function fakeSystem({
  own = 0,
  processFails = '',
  sessionFails = [] as string[],
  isLinux = true,
  /** By thread; those that end before their turn have none. */
  threads = {} as Record<number, number | null>,
} = {}) {
  const asked: string[] = [];
  const priorities = new Map(Object.entries(threads).map(([thread, priority]) => [Number(thread), priority]));
  const failures = [...sessionFails];
  const system: PrioritySystem = {
    isLinux,
    getPriority: (pid) => {
      const priority = pid === undefined ? own : priorities.get(pid);
      if (priority == null) throw systemError('ESRCH');
      return priority;
    },
    threads: async () => [...priorities.keys()],
    setPriority: (pid, priority) => {
      if (processFails !== '') throw systemError(processFails);
      if (priorities.has(pid)) priorities.set(pid, priority);
      asked.push(`process ${pid}: ${priority}`);
    },
    writeFile: async (file, text) => {
      const failure = failures.shift();
      if (failure !== undefined) throw errno(failure);
      asked.push(`${file}: ${text}`);
    },
  };
  return { system, asked };
}

const BOTH = (priority: number) => [`process 42: ${priority}`, `/proc/42/autogroup: ${priority}`];

const WITH_THREADS = ['process 42: 5', 'process 43: 5', '/proc/42/autogroup: 5'];

test.for<[what: string, niceness: number, setting: Parameters<typeof fakeSystem>[0], asked: string[]]>([
  ['process and session', 5, {}, BOTH(5)],
  ['relative to the host', 5, { own: 3 }, BOTH(8)],
  ['never beyond the lowest', 19, { own: 10 }, BOTH(19)],
  ['nothing at 0', 0, {}, []],
  ['no session elsewhere', 5, { isLinux: false }, ['process 42: 5']],
  ['a kernel that does not group by session', 5, { sessionFails: ['ENOENT'] }, ['process 42: 5']],
  ['threads that were there before it', 5, { threads: { 42: 0, 43: 0, 44: null, 45: 5 } }, WITH_THREADS],
  ['a session whose turn comes later', 5, { sessionFails: ['EAGAIN', 'EAGAIN'] }, BOTH(5)],
  ['a process that ended', 5, { processFails: 'ESRCH' }, []],
  ['a process that ends meanwhile', 5, { sessionFails: ['ESRCH'] }, ['process 42: 5']],
])('%s', async ([, niceness, setting, asked]) => {
  const fake = fakeSystem(setting);
  expect(await lowerPriority(42, niceness, fake.system)).toBe(null);
  expect(fake.asked).toEqual(asked);
});

test.for([
  ['the system refuses', { processFails: 'EPERM' }, 'EPERM: no'],
  ['the session cannot be changed', { sessionFails: ['EACCES'] }, 'EACCES: no'],
  ['the session’s turn never comes', { sessionFails: Array(10).fill('EAGAIN') }, 'EAGAIN: no'],
] as const)('%s: the reason comes back', async ([, setting, reason]) => {
  expect(await lowerPriority(42, 5, fakeSystem(setting as object).system)).toBe(reason);
});

describe('of a real process', () => {
  beforeEach(checkLeaks);

  test('every thread of a daemon is below the host, and so is its session', async () => {
    const sidecar = await Sidecar.start({ ...fakeDaemon(), niceness: 7 });
    const pid = sidecar.status().pid;
    expect(getPriority(pid)).toBe(Math.min(19, getPriority() + 7));
    if (process.platform === 'linux') {
      for (const thread of readdirSync(`/proc/${pid}/task`)) {
        expect(getPriority(Number(thread))).toBe(getPriority(pid));
      }
      const session = `/proc/${pid}/autogroup`;
      if (existsSync(session)) {
        await expect.poll(() => readFileSync(session, 'utf8')).toContain(`nice ${getPriority(pid)}`);
      }
    }
    await sidecar.close();
  });

  test('0 leaves it as it is', async () => {
    const sidecar = await Sidecar.start({ ...fakeDaemon(), niceness: 0 });
    expect(getPriority(sidecar.status().pid)).toBe(getPriority());
    await sidecar.close();
  });
});
