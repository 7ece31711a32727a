/** The HTML report of a result, made by the Python half and kept until the result changes. */
import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Refusal } from '../http/refusal.ts';
import { POSES_FILE } from './frame-index.ts';

const run = promisify(execFile);

/** Milliseconds. */
const LIMIT_MS = 120_000;
/** Kept; the oldest go first. */
const MAX_PAGES = 200;
const MAX_OUTPUT_BYTES = 64 * 1024;

export interface ReportMaker {
  readonly interpreter: string;
  /** Put on PYTHONPATH, for a checkout that is not installed; null where it is. */
  readonly servicePath: string | null;
}

export class Reports {
  readonly #folder: string;
  readonly #making = new Map<string, Promise<string>>();
  #line: Promise<unknown> = Promise.resolve();

  /** @param folder Of the pages; made when it is needed. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The path of the page. Throws RESULT_GONE, REPORT_FAILED. */
  async page(directory: string, maker: ReportMaker): Promise<string> {
    const facts = await stat(join(directory, POSES_FILE)).catch(() => {
      throw new Refusal('RESULT_GONE', 'the files of this result are not there any more', {
        hint: 'Submit the video again.',
      });
    });
    const key = createHash('sha256').update(`${directory}\0${facts.ino}\0${facts.mtimeMs}`).digest('hex');
    const path = join(this.#folder, `${key.slice(0, 32)}.html`);
    if (await stat(path).catch(() => null)) return path;
    const making = this.#making.get(path) ?? this.#inLine(() => make(directory, path, this.#folder, maker));
    this.#making.set(path, making);
    try {
      return await making;
    } finally {
      this.#making.delete(path);
    }
  }

  /** One after another: a report is no reason to take memory and cores from the pool twice. */
  #inLine(task: () => Promise<string>): Promise<string> {
    const turn = this.#line.then(task);
    this.#line = turn.catch(() => {});
    return turn;
  }
}

async function make(directory: string, path: string, folder: string, maker: ReportMaker): Promise<string> {
  const { interpreter, servicePath } = maker;
  const part = join(folder, `.${randomUUID()}.html`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await run(interpreter, ['-m', 'sidecar', 'report', directory, '--out', part], {
      timeout: LIMIT_MS,
      maxBuffer: MAX_OUTPUT_BYTES,
      env: {
        PATH: process.env.PATH,
        PYTHONSAFEPATH: '1',
        PYTHONUTF8: '1',
        ...(servicePath === null ? {} : { PYTHONPATH: servicePath }),
        ...(process.env.SYSTEMROOT ? { SYSTEMROOT: process.env.SYSTEMROOT } : {}),
      },
    });
    await rename(part, path);
    await dropOldest(folder);
    return path;
  } catch (error) {
    await rm(part, { force: true });
    const said = String((error as { stderr?: string }).stderr ?? (error as Error).message).trim();
    throw new Refusal('REPORT_FAILED', `the report could not be made: ${said.split('\n').at(-1) ?? ''}`, {
      cause: error,
    });
  }
}

async function dropOldest(folder: string): Promise<void> {
  const pages = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      const path = join(folder, name);
      return { path, atMs: (await stat(path).catch(() => null))?.mtimeMs ?? 0 };
    }),
  );
  const oldest = pages.toSorted((a, b) => b.atMs - a.atMs).slice(MAX_PAGES);
  await Promise.all(oldest.map(({ path }) => rm(path, { force: true })));
}
