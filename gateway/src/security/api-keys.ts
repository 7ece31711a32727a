/** API keys from a file that is read again when it changes; compared in constant time, never logged. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { PoseError } from 'pose-sidecar';

const MIN_KEY_CHARACTERS = 16;
const MAX_KEYS = 1_000;
/** Between two looks at the file. */
const LOOK_AGAIN_MS = 1_000;

type Digest = Buffer;

export interface ApiKeysOptions {
  readonly nowMs?: () => number;
  /** The file changed and cannot be used: the keys that were valid stay so. */
  readonly onProblem?: (error: PoseError) => void;
}

export class ApiKeys {
  readonly #path: string;
  readonly #nowMs: () => number;
  readonly #onProblem: (error: PoseError) => void;
  #digests: readonly Digest[];
  #version: string;
  #lookedAtMs: number;

  /** Throws CONFIG_INVALID when the file cannot be used. */
  constructor(path: string, { nowMs = () => performance.now(), onProblem = () => {} }: ApiKeysOptions = {}) {
    this.#path = path;
    this.#nowMs = nowMs;
    this.#onProblem = onProblem;
    this.#lookedAtMs = nowMs();
    this.#version = versionOf(path);
    this.#digests = readKeys(path);
  }

  /** Compares with every key, so that the time tells nothing about which one was near. */
  accepts(given: string): boolean {
    this.#readAgainIfChanged();
    const digest = digestOf(given);
    let found = false;
    for (const known of this.#digests) found = timingSafeEqual(known, digest) || found;
    return found;
  }

  #readAgainIfChanged(): void {
    const nowMs = this.#nowMs();
    if (nowMs - this.#lookedAtMs < LOOK_AGAIN_MS) return;
    this.#lookedAtMs = nowMs;
    const version = versionOf(this.#path);
    if (version === this.#version) return;
    this.#version = version;
    try {
      this.#digests = readKeys(this.#path);
    } catch (error) {
      this.#onProblem(error as PoseError);
    }
  }
}

function digestOf(key: string): Digest {
  return createHash('sha256').update(key).digest();
}

function versionOf(path: string): string {
  try {
    const { mtimeNs, size, ino } = statSync(path, { bigint: true });
    return `${mtimeNs}-${size}-${ino}`;
  } catch {
    return 'gone';
  }
}

function readKeys(path: string): readonly Digest[] {
  const keys = linesOf(path)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const short = keys.filter((key) => key.length < MIN_KEY_CHARACTERS).length;
  if (keys.length === 0 || keys.length > MAX_KEYS || short > 0) {
    throw unusable(
      path,
      `it must hold 1 to ${MAX_KEYS} keys of at least ${MIN_KEY_CHARACTERS} characters, one per line; it holds ${keys.length}, ${short} of them too short`,
    );
  }
  return keys.map(digestOf);
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch (error) {
    throw unusable(path, (error as Error).message);
  }
}

function unusable(path: string, reason: string): PoseError {
  return new PoseError('CONFIG_INVALID', `cannot use the API keys in ${path}: ${reason}`, {
    hint: 'Write one key per line, for instance from `openssl rand -hex 32`.',
  });
}
