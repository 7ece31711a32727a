/** Whatever the system and Node say, or do not say, about a new process: one answer, and no process that nobody knows. */
import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type PoolLogEntry, PosePool } from '../../src/index.ts';
import { ABANDON_MS, Child, SPAWN_EVENT_MS } from '../../src/process/child.ts';
import { fakeDaemon } from '../../src/testing/index.ts';
import { failure } from '../failures.ts';
import { checkLeaks } from '../leaks.ts';

type Spawn = (...args: unknown[]) => ChildProcess;

const { spawned } = vi.hoisted(() => ({ spawned: { instead: null as Spawn | null } }));
vi.mock('node:child_process', async (original) => {
  const real = await original<typeof import('node:child_process')>();
  const spawn = (...args: Parameters<typeof real.spawn>) => (spawned.instead ?? real.spawn)(...args);
  return { ...real, spawn };
});

beforeEach(checkLeaks);
afterEach(() => {
  spawned.instead = null;
  vi.useRealTimers();
});

const program = { file: 'python', args: [], cwd: '.', env: {} };

/** A process that Node tells nothing of but what the test emits. */
function makeProcess(pid: number | undefined): ChildProcess {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  return Object.assign(new EventEmitter(), { pid, stdin, stdout, stderr, kill: () => true }) as never;
}

/** As Node does it: no pid, and the error a moment later. */
function refuse(code: string): Spawn {
  return () => {
    const none = makeProcess(undefined);
    process.nextTick(() => none.emit('error', Object.assign(new Error(`spawn ${code}`), { code })));
    return none;
  };
}

describe('row 5 (the system call faked): short of something for the moment', () => {
  test.for([
    ['EAGAIN', 'the limit of processes is reached'],
    ['EMFILE', 'the limit of open files is reached'],
    ['ENFILE', "the system's limit of open files is reached"],
    ['ENOMEM', 'there is not enough memory'],
  ] as const)('%s is named and may be tried again', async ([code, words]) => {
    spawned.instead = refuse(code);
    const error = await failure(Child.spawn(program));
    expect(error).toMatchObject({ code: 'SPAWN_FAILED', retryable: true });
    expect(error.message).toContain(`${words} (${code})`);
  });

  test('thrown instead of emitted', async () => {
    spawned.instead = () => {
      throw Object.assign(new Error('spawn ENOMEM'), { code: 'ENOMEM' });
    };
    expect(await failure(Child.spawn(program))).toMatchObject({ code: 'SPAWN_FAILED', retryable: true });
  });

  test('a pool tries again after a pause, and its calls wait for that', async () => {
    const log: PoolLogEntry[] = [];
    let refusals = 0;
    const { spawn } = await vi.importActual<typeof import('node:child_process')>('node:child_process');
    spawned.instead = (...args) => {
      refusals += 1;
      return (refusals > 2 ? (spawn as unknown as Spawn) : refuse('EAGAIN'))(...args);
    };
    const pool = PosePool.create({ ...fakeDaemon(), size: 1, log: (entry) => log.push(entry) });
    await expect(pool.estimate(Buffer.from('image'))).resolves.toMatchObject({ width: 640 });
    expect(log.filter(({ event, to }) => event === 'transition' && to === 'backoff')).toHaveLength(2);
    expect(pool.status()).toMatchObject({ breaker: 'closed', deaths: 0 });
    await pool.close();
  });

  test('what cannot pass by itself opens the breaker instead', async () => {
    spawned.instead = refuse('ENOENT');
    const pool = PosePool.create({ ...fakeDaemon(), size: 1, log: () => {} });
    expect(await failure(pool.estimate(Buffer.from('image')))).toMatchObject({ code: 'POOL_UNAVAILABLE' });
    await pool.close();
  });
});

describe('row 7 (Node faked): events that come twice, late or never', () => {
  test('an error after the spawn changes nothing', async () => {
    const strange = makeProcess(2 ** 22 + 1);
    spawned.instead = () => strange;
    const child = await Child.spawn(program);
    strange.emit('spawn');
    strange.emit('error', new Error('kill EPERM'));
    strange.emit('error', new Error('and again'));
    expect(child.gone).toBe(false);
    strange.emit('exit', 0, null);
    strange.emit('exit', 1, null);
    expect(await child.exited).toEqual({ exitCode: 0, signal: null });
  });

  test('neither spawn nor error, and no pid', async () => {
    vi.useFakeTimers();
    spawned.instead = () => makeProcess(undefined);
    const failed = failure(Child.spawn(program));
    await vi.advanceTimersByTimeAsync(SPAWN_EVENT_MS);
    expect(await failed).toMatchObject({ code: 'SPAWN_FAILED' });
  });

  test('neither spawn nor error, but a pid: it runs', async () => {
    const strange = makeProcess(2 ** 22 + 1);
    spawned.instead = () => strange;
    const child = await Child.spawn(program);
    expect(child.pid).toBe(2 ** 22 + 1);
    strange.emit('exit', 0, null);
    await child.exited;
  });
});

describe('signals', () => {
  test('row 53 (the pid faked): after the exit none is sent, to whomever the number belongs by then', async () => {
    const sent = vi.spyOn(process, 'kill').mockReturnValue(true);
    const strange = makeProcess(2 ** 22 + 1);
    spawned.instead = () => strange;
    const child = await Child.spawn(program);
    child.kill('SIGTERM');
    expect(sent.mock.calls).toEqual([[-(2 ** 22 + 1), 'SIGTERM']]);
    strange.emit('exit', 0, null);
    sent.mockClear();
    child.kill('SIGKILL');
    child.giveUp('too late');
    await child.exited;
    expect(sent).not.toHaveBeenCalled();
    expect(child.givenUp).toBeNull();
    sent.mockRestore();
  });

  test('row 52 (a kill that does nothing, faked): a process that does not end is left behind', async () => {
    vi.useFakeTimers();
    const sent = vi.spyOn(process, 'kill').mockReturnValue(true);
    const strange = makeProcess(2 ** 22 + 1);
    spawned.instead = () => strange;
    const child = await Child.spawn(program);
    child.giveUp('it left 3 pings unanswered');
    await vi.advanceTimersByTimeAsync(ABANDON_MS);
    const exit = await child.exited;
    expect(child.leaked).toBe(true);
    expect(child.describeEnd(exit)).toBe(
      'was killed because it left 3 pings unanswered, hangs in the kernel and was left to it',
    );
    sent.mockClear();
    child.kill('SIGKILL');
    expect(sent).not.toHaveBeenCalled();
    sent.mockRestore();
  });
});
