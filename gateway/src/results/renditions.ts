/** Results in other forms, made by the Python half when they are asked for and kept until their result changes. */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { PoseError } from 'pose-sidecar';
import { Refusal } from '../http/refusal.ts';
import { versionOf } from './frame-index.ts';
import { runSidecar, SidecarCommandError, type SidecarInstallation } from './sidecar-command.ts';

/** What is kept; the oldest goes first, and the newest stays whatever its size. */
export const KEPT_FILES = 200;
export const KEPT_BYTES = 4 * 1024 ** 3;
/** Renditions that may wait for their turn. */
export const MAX_WAITING = 32;
/** Seconds after which it makes sense to ask again. */
const RETRY_AFTER_S = 30;
/** Folders of what is being made; after so many milliseconds nobody makes it any more. */
const PART_PREFIX = '.making-';
const PART_AGE_MS = 3_600_000;

export interface Rendition {
  /** Of the file; tells what is in it. */
  readonly file: string;
  /** Of the Python half, to write it to `out`. */
  readonly command: (directory: string, out: string) => readonly string[];
  /** Milliseconds. */
  readonly limitMs: number;
  /** Its own code for what goes wrong. */
  readonly failure: 'REPORT_FAILED' | 'EXPORT_FAILED';
}

export interface RenditionFolders {
  /** Of the renditions; made when it is needed. */
  readonly folder: string;
  /** Of the results: with one go its renditions. */
  readonly results: string;
}

interface Making {
  readonly path: Promise<string>;
  readonly stop: AbortController;
  waiters: number;
}

export class Renditions {
  readonly #folders: RenditionFolders;
  readonly #bounds: { readonly files: number; readonly bytes: number };
  readonly #making = new Map<string, Making>();
  #line: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(folders: RenditionFolders, bounds = { files: KEPT_FILES, bytes: KEPT_BYTES }) {
    this.#folders = folders;
    this.#bounds = bounds;
  }

  /**
   * The path of a rendition. The work ends when everybody who waits for it has left. Throws RESULT_GONE, QUEUE_FULL,
   * what the Python half says of the result, and the signal's reason.
   */
  async of(
    directory: string,
    rendition: Rendition,
    python: SidecarInstallation,
    signal: AbortSignal,
  ): Promise<string> {
    const version = await versionOf(directory);
    const folder = join(this.#folders.folder, basename(directory));
    const path = join(folder, `${version}-${rendition.file}`);
    if (await isThere(path)) return path;
    signal.throwIfAborted();
    return this.#wait(
      path,
      this.#making.get(path) ?? this.#begin(path, directory, rendition, python),
      signal,
    );
  }

  /** Drop what belongs to no result any more, and the oldest beyond the bounds. */
  async prune(): Promise<void> {
    const { folder, results } = this.#folders;
    const kept: { path: string; bytes: number; atMs: number }[] = [];
    for (const name of await readdir(folder).catch(() => [])) {
      const own = join(folder, name);
      if (name.startsWith(PART_PREFIX)) {
        const { mtimeMs = 0 } = (await stat(own).catch(() => null)) ?? {};
        if (Date.now() - mtimeMs > PART_AGE_MS) await rm(own, { recursive: true, force: true });
      } else if (await isThere(join(results, name))) {
        kept.push(...(await filesIn(own)));
      } else await rm(own, { recursive: true, force: true });
    }
    let bytes = 0;
    for (const [place, file] of kept.toSorted((a, b) => b.atMs - a.atMs).entries()) {
      bytes += file.bytes;
      const fits = place < this.#bounds.files && bytes <= this.#bounds.bytes;
      if (place > 0 && !fits) await rm(file.path, { force: true });
    }
  }

  /** End what is being made; those who wait hear SHUTTING_DOWN. */
  close(): void {
    this.#isClosed = true;
    for (const { stop } of this.#making.values()) stop.abort(shuttingDown());
  }

  #begin(path: string, directory: string, rendition: Rendition, python: SidecarInstallation): Making {
    if (this.#isClosed) throw shuttingDown();
    if (this.#making.size >= MAX_WAITING) {
      const said = `${MAX_WAITING} reports and exports wait for their turn, which is the limit`;
      throw new Refusal('QUEUE_FULL', said, { retryAfterS: RETRY_AFTER_S });
    }
    const stop = new AbortController();
    // One after another: this is no reason to take memory and cores from the pool twice.
    const turn = this.#line.then(() => this.#make(path, directory, rendition, python, stop.signal));
    this.#line = turn.catch(() => {});
    const making = { path: turn, stop, waiters: 0 };
    this.#making.set(path, making);
    const forget = () => this.#forget(path, making);
    turn.then(forget, forget);
    return making;
  }

  async #wait(path: string, making: Making, signal: AbortSignal): Promise<string> {
    const { promise: left, reject } = Promise.withResolvers<never>();
    const leave = () => reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
    making.waiters += 1;
    try {
      return await Promise.race([making.path, left]);
    } finally {
      signal.removeEventListener('abort', leave);
      making.waiters -= 1;
      if (making.waiters === 0) {
        this.#forget(path, making); // who comes now begins anew
        making.stop.abort(new PoseError('ABORTED', 'nobody waits for it any more'));
      }
    }
  }

  #forget(path: string, making: Making): void {
    if (this.#making.get(path) === making) this.#making.delete(path);
  }

  async #make(
    path: string,
    directory: string,
    { file, command, limitMs, failure }: Rendition,
    python: SidecarInstallation,
    signal: AbortSignal,
  ): Promise<string> {
    const part = join(this.#folders.folder, `${PART_PREFIX}${randomUUID()}`);
    try {
      signal.throwIfAborted();
      await mkdir(part, { recursive: true, mode: 0o700 });
      await runSidecar(command(directory, join(part, file)), python, { signal, limitMs });
      await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
      await rename(join(part, file), path);
      await this.prune().catch(() => {}); // tried again from time to time
      return path;
    } catch (error) {
      if (error instanceof PoseError) throw error;
      throw saidBy(error as Error, failure);
    } finally {
      await rm(part, { recursive: true, force: true }).catch(() => {});
    }
  }
}

/** What the result or the wish is at fault for stays so; the rest is a failure of its own. */
function saidBy(error: Error, failure: Rendition['failure']): Refusal {
  const { code, hint } = error instanceof SidecarCommandError ? error : { code: null, hint: null };
  const options = { cause: error, ...(hint === null ? {} : { hint }) };
  if (code === 'INVALID_REQUEST') return new Refusal(code, error.message, options);
  const what = failure === 'REPORT_FAILED' ? 'report' : 'export';
  return new Refusal(failure, `the ${what} could not be made: ${error.message}`, options);
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}

async function filesIn(folder: string) {
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const known = await stat(path).catch(() => null);
      return known === null ? [] : [{ path, bytes: known.size, atMs: known.mtimeMs }];
    }),
  );
  return found.flat();
}

function shuttingDown(): Refusal {
  return new Refusal('SHUTTING_DOWN', 'the gateway ends', { hint: 'Ask again when it is back.' });
}
