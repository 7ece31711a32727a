/** Renditions are made once, one after another, for those who still wait; kept within bounds, and no longer than their result. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MAX_WAITING, type Rendition, Renditions } from '../../src/results/renditions.ts';

const FOREVER = new AbortController().signal;
let base: string;
let renditions: Renditions;

/** An interpreter by its name: it gets `-m sidecar WHAT DIRECTORY OUT`. */
const PYTHONS = {
  copies: 'echo made >> "$DIR/count"; cp "$4/poses.jsonl" "$5"',
  waits: 'echo $$ >> "$DIR/pids"; while [ ! -e "$DIR/go" ]; do sleep 0.02; done; cp "$4/poses.jsonl" "$5"',
  complains: 'echo "pose-sidecar export: INVALID_REQUEST: it has no nose" >&2; echo "  take csv" >&2; exit 1',
  fails: 'echo "pose-sidecar report: RESULT_DAMAGED: line 3 is cut" >&2; exit 1',
  crashes: 'echo "Traceback" >&2; echo "ZeroDivisionError: division by zero" >&2; exit 1',
  forgets: 'exit 0',
} as const;

function python(name: keyof typeof PYTHONS) {
  const interpreter = join(base, name);
  writeFileSync(interpreter, `#!/bin/sh\nDIR='${base}'\n${PYTHONS[name]}\n`);
  chmodSync(interpreter, 0o755);
  return { interpreter, servicePath: null };
}

function rendition(file = 'a.txt', limitMs = 60_000): Rendition {
  return { file, command: (directory, out) => ['make', directory, out], limitMs, failure: 'EXPORT_FAILED' };
}

function result(name: string, poses = name): string {
  const directory = join(base, 'results', name);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'poses.jsonl'), poses);
  return directory;
}

const kept = () => {
  const folder = join(base, 'renditions');
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true }).map(String) : [];
  return files.filter((name) => name.includes('-'));
};
const pids = () =>
  existsSync(join(base, 'pids')) ? readFileSync(join(base, 'pids'), 'utf8').trim().split('\n') : [];
const folders = () => ({ folder: join(base, 'renditions'), results: join(base, 'results') });

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'pose-renditions-'));
  renditions = new Renditions(folders());
});
afterEach(() => {
  renditions.close();
  rmSync(base, { recursive: true, force: true });
});

describe.skipIf(process.platform === 'win32')('renditions', () => {
  test('are made once for many, and again when the result is another', async () => {
    const directory = result('one');
    const ask = () => renditions.of(directory, rendition(), python('copies'), FOREVER);
    const paths = await Promise.all([ask(), ask(), ask()]);
    expect(new Set([...paths, await ask()]).size).toBe(1);
    expect(readFileSync(paths[0] as string, 'utf8')).toBe('one');
    result('one', 'changed');
    utimesSync(join(directory, 'poses.jsonl'), 1, 1);
    expect(readFileSync(await ask(), 'utf8')).toBe('changed');
    expect(readFileSync(join(base, 'count'), 'utf8')).toBe('made\nmade\n');
  });

  test('go on while one of those who wait is there, and end with the last', async () => {
    const directory = result('one');
    const [first, second] = [new AbortController(), new AbortController()];
    const waiting = [first, second].map(({ signal }) =>
      renditions.of(directory, rendition(), python('waits'), signal),
    );
    await expect.poll(pids).toHaveLength(1);
    first.abort(new Error('left'));
    await expect(waiting[0]).rejects.toThrow('left');
    expect(() => process.kill(Number(pids()[0]), 0)).not.toThrow();
    second.abort(new Error('left too'));
    await expect(waiting[1]).rejects.toThrow('left too');
    await expect.poll(() => kept().filter((name) => name.includes('making'))).toEqual([]);
    expect(() => process.kill(Number(pids()[0]), 0)).toThrow('ESRCH');
    writeFileSync(join(base, 'go'), '');
    const again = await renditions.of(directory, rendition(), python('waits'), FOREVER);
    expect(readFileSync(again, 'utf8')).toBe('one');
  });

  test('are made one after another, and only so many wait', async () => {
    const all = Array.from({ length: MAX_WAITING }, (_, number) =>
      renditions.of(result(`r${number}`), rendition(), python('waits'), FOREVER),
    );
    await expect.poll(pids).toHaveLength(1);
    await expect(renditions.of(result('late'), rendition(), python('waits'), FOREVER)).rejects.toMatchObject({
      code: 'QUEUE_FULL',
      retryAfterS: 30,
    });
    await expect(
      renditions.of(
        join(base, 'results', 'r3'),
        rendition(),
        python('waits'),
        AbortSignal.abort(new Error('gone')),
      ),
    ).rejects.toThrow('gone');
    expect(pids()).toHaveLength(1);
    renditions.close();
    for (const end of await Promise.allSettled(all)) {
      expect(end).toMatchObject({ status: 'rejected', reason: { code: 'SHUTTING_DOWN' } });
    }
    await expect(renditions.of(result('after'), rendition(), python('waits'), FOREVER)).rejects.toMatchObject(
      {
        code: 'SHUTTING_DOWN',
      },
    );
    expect(pids()).toHaveLength(1);
  });

  test('that take too long are ended', async () => {
    const ask = renditions.of(result('one'), rendition('a.txt', 200), python('waits'), FOREVER);
    await expect(ask).rejects.toThrow(
      'EXPORT_FAILED: the export could not be made: it took more than 200 ms',
    );
    expect(kept()).toEqual([]);
  });

  test.for([
    ['complains', 'INVALID_REQUEST', 'it has no nose', 'take csv'],
    ['fails', 'EXPORT_FAILED', 'the export could not be made: line 3 is cut', null],
    ['crashes', 'EXPORT_FAILED', 'the export could not be made: ZeroDivisionError: division by zero', null],
    ['forgets', 'EXPORT_FAILED', 'the export could not be made: ENOENT', null],
  ] as const)('where Python %s, it is said, and nothing is left', async ([name, code, words, hint]) => {
    const failure = await renditions
      .of(result('one'), rendition(), python(name), FOREVER)
      .catch((error) => error);
    expect([failure.code, failure.hint]).toEqual([code, hint]);
    expect(failure.message).toContain(words);
    expect(kept()).toEqual([]);
  });

  test('where there is no Python, it is said', async () => {
    const nobody = { interpreter: join(base, 'nobody'), servicePath: null };
    await expect(renditions.of(result('one'), rendition(), nobody, FOREVER)).rejects.toThrow('ENOENT');
    await expect(renditions.of(join(base, 'none'), rendition(), nobody, FOREVER)).rejects.toMatchObject({
      code: 'RESULT_GONE',
    });
  });

  test('are kept within bounds of number and bytes, the newest always', async () => {
    const few = new Renditions(folders(), { files: 2, bytes: 1_000 });
    const ask = async (name: string, poses: string, atS: number) => {
      const path = await few.of(result(name, poses), rendition(), python('copies'), FOREVER);
      utimesSync(path, atS, atS);
      return path;
    };
    const one = await ask('one', 'x', 1);
    const two = await ask('two', 'x', 2);
    const three = await ask('three', 'x', 3);
    expect([one, two, three].map(existsSync)).toEqual([false, true, true]);
    const large = await ask('large', 'x'.repeat(2_000), 4);
    expect([two, three, large].map(existsSync)).toEqual([false, false, true]);
  });

  test('go with their result; what was begun long ago goes too, what is being made stays', async () => {
    const path = await renditions.of(result('one'), rendition(), python('copies'), FOREVER);
    for (const [name, atS] of [
      ['.making-old', 1],
      ['.making-new', Date.now() / 1000],
    ] as const) {
      mkdirSync(join(base, 'renditions', name));
      utimesSync(join(base, 'renditions', name), atS, atS);
    }
    await renditions.prune();
    expect(existsSync(path)).toBe(true);
    rmSync(join(base, 'results', 'one'), { recursive: true });
    await renditions.prune();
    expect(kept()).toEqual(['.making-new']);
  });
});
