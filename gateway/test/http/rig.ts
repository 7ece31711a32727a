/** A real gateway on a free port, with real daemons, its log kept for a look. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HAS_PYTHON, PYTHON, ROOT } from '../../../node-client/test/repository.ts';
import { resolveConfig } from '../../src/config/resolve.ts';
import { Gateway } from '../../src/gateway.ts';
import { openLog } from '../../src/log/logger.ts';

export { HAS_PYTHON, PYTHON, ROOT };

export type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string; readonly level: number };

export interface Rig {
  readonly gateway: Gateway;
  /** Without a slash at its end. */
  readonly url: string;
  /** Uploads, results and the database. */
  readonly dataDir: string;
  readonly lines: readonly LogLine[];
  /** The body of a request's answer and its status. */
  get(path: string, init?: RequestInit): Promise<Answer>;
  post(path: string, body: unknown, init?: RequestInit): Promise<Answer>;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  readonly body: any;
}

/** Sees one figure in every picture: no weights needed. */
export const FIGURES = ['--estimator', 'null', '--estimator-options', '{"persons":1}'];
/** So slow that a test can look at it at work. */
export const SLOW_FIGURES = ['--estimator', 'null', '--estimator-options', '{"persons":1,"delay_ms":40}'];

/** @param flags As on the command line; they come after the rig's own and win. */
export async function startGateway(flags: readonly string[], { isReady = true } = {}): Promise<Rig> {
  const dataDir = mkdtempSync(join(tmpdir(), 'pose-gateway-'));
  const own = [
    '--host',
    '127.0.0.1',
    '--port',
    '0',
    '--data-dir',
    dataDir,
    '--log-dir',
    join(dataDir, 'logs'),
  ];
  const python = ['--python', PYTHON, '--service-path', ROOT, '--pool-size', '1'];
  const resolved = resolveConfig([...own, ...python, ...flags], {});
  const lines: LogLine[] = [];
  const { log, close: closeLog } = openLog(
    { ...resolved.config, logFormat: 'json' },
    { write: (line) => void lines.push(JSON.parse(line)) },
  );
  const gateway = await Gateway.start(resolved, log);
  const [url = ''] = gateway.urls;
  const answerTo = async (path: string, init?: RequestInit): Promise<Answer> => {
    const response = await fetch(url + path, init);
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  };
  const rig: Rig = {
    gateway,
    url,
    dataDir,
    lines,
    get: answerTo,
    post: (path, body, init = {}) =>
      answerTo(path, {
        method: 'POST',
        ...init,
        headers: { 'content-type': 'application/json', ...init.headers },
        body: JSON.stringify(body),
      }),
    close: async () => {
      await gateway.close();
      closeLog();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
  if (isReady) await untilReady(rig);
  return rig;
}

async function untilReady(rig: Rig): Promise<void> {
  while ((await rig.get('/readyz')).status !== 200) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** A short video of a synthetic person. */
export function renderVideo(path: string, seconds: number, seed = 3): void {
  const flags = ['--seconds', String(seconds), '--size', '160x120', '--seed', String(seed)];
  execFileSync(PYTHON, ['-m', 'sidecar', 'sample', path, ...flags], { cwd: ROOT, stdio: 'pipe' });
}

/** A grey picture of 32x32 pixels as PNG. */
export const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAAAAABWESUoAAAAFklEQVR42mNoIAAYRhWMKhhVMFIVAABCAAAfN5c2AAAAAABJRU5ErkJggg==',
  'base64',
);

export function form(
  fields: Readonly<Record<string, string>>,
  video?: Uint8Array<ArrayBuffer>,
  name = 'ride.mp4',
): FormData {
  const data = new FormData();
  for (const [field, value] of Object.entries(fields)) data.append(field, value);
  if (video) data.append('video', new Blob([video]), name);
  return data;
}
