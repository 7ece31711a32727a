/** A copy of the log in a folder: bounded, private, and never a reason to stop. */
import {
  chmodSync,
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

export const MAX_BYTES = 10_000_000;
/** Of one gateway, and of gateways that have ended. */
export const MAX_FILES = 5;
const FILE_MODE = 0o640;
const NAME = /^pose-service-gateway-(\d+)(\.\d+)?\.log$/;

export class LogFile {
  readonly path: string;
  readonly #onFailure: (error: Error) => void;
  readonly #maxBytes: number;
  #descriptor: number | null = null;
  #bytes = 0;

  /** Nothing is thrown; `onFailure` hears once why copies end: the console still has every line. */
  constructor(folder: string, onFailure: (error: Error) => void, maxBytes: number = MAX_BYTES) {
    this.path = join(folder, `pose-service-gateway-${process.pid}.log`);
    this.#onFailure = onFailure;
    this.#maxBytes = maxBytes;
    this.#attempt(() => {
      mkdirSync(folder, { recursive: true, mode: 0o755 });
      dropLeftovers(folder);
      this.#open();
    });
  }

  write(line: string): void {
    this.#attempt(() => {
      if (this.#descriptor === null) return;
      const bytes = Buffer.byteLength(line);
      if (this.#bytes > 0 && this.#bytes + bytes > this.#maxBytes) this.#rotate();
      this.#bytes += bytes;
      writeSync(this.#descriptor, line);
    });
  }

  /** Idempotent. */
  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  #open(): void {
    this.#descriptor = openSync(this.path, 'a', FILE_MODE);
    chmodSync(this.path, FILE_MODE); // whatever the umask took away
    this.#bytes = fstatSync(this.#descriptor).size;
  }

  #rotate(): void {
    this.close();
    const numbered = (number: number) =>
      this.path.replace(/\.log$/, number === 0 ? '.log' : `.${number}.log`);
    rmSync(numbered(MAX_FILES - 1), { force: true });
    for (let number = MAX_FILES - 1; number > 0; number -= 1)
      moveIfThere(numbered(number - 1), numbered(number));
    this.#open();
  }

  #attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#descriptor = null;
      this.#onFailure(error as Error);
    }
  }
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Keep the newest files of gateways that have ended; process ids say little about age, so names decide nothing. */
function dropLeftovers(folder: string): void {
  const ended = readdirSync(folder)
    .filter((name) => NAME.test(name) && !isRunning(Number(NAME.exec(name)?.[1])))
    .map((name) => join(folder, name));
  const byAge = ended.toSorted((a, b) => modifiedMs(b) - modifiedMs(a));
  for (const path of byAge.slice(MAX_FILES)) rmSync(path, { force: true });
}

function modifiedMs(path: string): number {
  const descriptor = openSync(path, 'r');
  try {
    return fstatSync(descriptor).mtimeMs;
  } finally {
    closeSync(descriptor);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
