/** Results in the formats of other programs: the very files that the command line writes, made when they are asked for. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isAlive } from '../../../node-client/test/leaks.ts';
import { blockingPython } from './blocking-python.ts';
import {
  FIGURES,
  HAS_PYTHON,
  PYTHON,
  type Rig,
  ROOT,
  renderVideo,
  SLOW_FIGURES,
  startGateway,
} from './rig.ts';

const folder = mkdtempSync(join(tmpdir(), 'pose-exports-'));
const clip = join(folder, 'clip.mp4');
/** A level of the log. */
const ERROR = 50;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function finished(rig: Rig): Promise<{ id: string; directory: string }> {
  const { id } = (await rig.post('/v1/jobs', { video_path: clip })).body;
  await rig.get(`/v1/jobs/${id}/events`); // ends with the job
  const { state, result } = (await rig.get(`/v1/jobs/${id}`)).body;
  expect(state).toBe('completed');
  return { id, directory: result.directory };
}

/** Leave the first frame's person as if it had been filled in. */
function markFilled(directory: string): void {
  const path = join(directory, 'poses.jsonl');
  const [header = '', first = '', ...rest] = readFileSync(path, 'utf8').split('\n');
  const marked = first.replace(
    '"provenance":"detected","distance":0',
    '"provenance":"interpolated","distance":1',
  );
  expect(marked).not.toBe(first);
  writeFileSync(path, [header, marked, ...rest].join('\n'));
}

describe.skipIf(!HAS_PYTHON)('GET /v1/jobs/:id/exports/:format', () => {
  let rig: Rig;
  let id: string;
  let directory: string;

  beforeAll(async () => {
    renderVideo(clip, 0.5);
    rig = await startGateway([...SLOW_FIGURES, '--root', folder]);
    ({ id, directory } = await finished(rig));
    markFilled(directory);
  });
  afterAll(() => rig?.close());

  const byHand = (format: string, file: string, filled: string) => {
    const out = join(folder, `by-hand-${file}`);
    const flags = ['--format', format, '--filled', filled, '--out', out];
    execFileSync(PYTHON, ['-m', 'sidecar', 'export', directory, ...flags], { cwd: ROOT, stdio: 'pipe' });
    return readFileSync(out);
  };

  const FORMATS = [
    ['coco', 'coco.json', 'application/json; charset=utf-8'],
    ['csv', 'poses.csv', 'text/csv; charset=utf-8'],
    ['mot', 'mot.txt', 'text/plain; charset=utf-8'],
    ['openpose', 'openpose.zip', 'application/zip'],
  ] as const;

  test.for(FORMATS)(
    '%s is the file that the command line writes, as a download',
    async ([format, file, type]) => {
      const answer = await fetch(`${rig.url}/v1/jobs/${id}/exports/${format}`);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe(type);
      expect(answer.headers.get('content-disposition')).toBe(
        `attachment; filename="clip.${file}"; filename*=UTF-8''clip.${file}`,
      );
      const bytes = Buffer.from(await answer.arrayBuffer());
      expect(bytes.equals(byHand(format, file, 'include'))).toBe(true);
      const observed = await fetch(`${rig.url}/v1/jobs/${id}/exports/${format}?filled=exclude`);
      const fewer = Buffer.from(await observed.arrayBuffer());
      expect(fewer.equals(byHand(format, file, 'exclude'))).toBe(true);
      expect(fewer.equals(bytes)).toBe(false);
    },
  );

  test('the job names them all', async () => {
    const { links } = (await rig.get(`/v1/jobs/${id}`)).body;
    for (const [format] of FORMATS)
      expect(links[`export_${format}`]).toBe(`/v1/jobs/${id}/exports/${format}`);
  });

  test('a result that changed is exported anew', async () => {
    const path = join(directory, 'poses.jsonl');
    const before = readFileSync(path, 'utf8');
    const was = (await rig.get(`/v1/jobs/${id}/exports/mot`)).body as string;
    writeFileSync(path, before.replaceAll('"id":1,', '"id":7,'));
    const is = (await rig.get(`/v1/jobs/${id}/exports/mot`)).body as string;
    expect(is).toBe(was.replaceAll(/^(\d+),1,/gm, '$1,7,'));
    writeFileSync(path, before);
  });

  test('those who ask at once wait for one making, and nothing is left over', async () => {
    writeFileSync(join(directory, 'poses.jsonl'), readFileSync(join(directory, 'poses.jsonl'))); // a new version
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => rig.get(`/v1/jobs/${id}/exports/csv`)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ headers }) => headers.get('etag'))).size).toBe(1);
    expect(readdirSync(join(rig.dataDir, 'renditions')).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test.for([
    ['exports/xml', 400, 'INVALID_REQUEST', "must be one of coco, csv, mot, openpose, got 'xml'"],
    ['exports/COCO', 400, 'INVALID_REQUEST', 'must be one of coco, csv, mot, openpose'],
    ['exports/coco.json', 400, 'INVALID_REQUEST', 'must be one of coco, csv, mot, openpose'],
    ['exports/..%2Fsource', 400, 'INVALID_REQUEST', 'must be one of coco, csv, mot, openpose'],
    ['exports/csv?filled=maybe', 400, 'INVALID_REQUEST', "must be one of include, exclude, got 'maybe'"],
    ['exports/csv?out=/etc/passwd', 400, 'INVALID_REQUEST', 'additional properties'],
    ['exports', 404, 'ROUTE_NOT_FOUND', 'there is no GET'],
  ] as const)('%s is refused with %i and says what there is', async ([path, status, code, words]) => {
    const answer = await rig.get(`/v1/jobs/${id}/${path}`);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.body.error).toContain(words);
  });

  test('what a result is at fault for is told with the next step', async () => {
    const path = join(directory, 'poses.jsonl');
    const before = readFileSync(path, 'utf8');
    writeFileSync(path, before.replaceAll('left_eye"', 'left_antenna"'));
    const { status, body } = await rig.get(`/v1/jobs/${id}/exports/coco`);
    writeFileSync(path, `${before.slice(0, -40)}\n`);
    const damaged = await rig.get(`/v1/jobs/${id}/exports/csv`);
    writeFileSync(path, before);
    expect([status, body.code, body.hint]).toEqual([
      400,
      'INVALID_REQUEST',
      'mot and csv take every skeleton',
    ]);
    expect(body.error).toContain('has no left_eye, which this format needs');
    expect([damaged.status, damaged.body.code]).toEqual([500, 'EXPORT_FAILED']);
    expect(damaged.body.error).toContain('the export could not be made: ');
  });

  test('no job is 404, a job at work 409, a result that was removed 410', async () => {
    expect(await rig.get('/v1/jobs/nope/exports/csv')).toMatchObject({
      status: 404,
      body: { code: 'JOB_NOT_FOUND' },
    });
    const job = (await rig.post('/v1/jobs', { video_path: clip, force: true })).body.id;
    expect(await rig.get(`/v1/jobs/${job}/exports/csv`)).toMatchObject({
      status: 409,
      body: { code: 'NO_RESULT_YET' },
    });
    await rig.get(`/v1/jobs/${job}/events`);
    expect((await rig.get(`/v1/jobs/${job}/exports/csv`)).status).toBe(200);
    rmSync(directory, { recursive: true });
    expect(await rig.get(`/v1/jobs/${job}/exports/csv`)).toMatchObject({
      status: 410,
      body: { code: 'RESULT_GONE' },
    });
  });
});

describe.skipIf(!HAS_PYTHON || process.platform === 'win32')('an export that takes long', () => {
  test('is ended when its client leaves, and when the gateway ends', async () => {
    const python = blockingPython(join(folder, 'environment'));
    const rig = await startGateway([...FIGURES, '--root', folder, '--python', python.path]);
    const parts = () => readdirSync(join(rig.dataDir, 'renditions')).filter((name) => name.startsWith('.'));
    const lastPid = () => python.pids().at(-1) ?? 0;
    try {
      const { id } = await finished(rig);
      python.block();
      const client = new AbortController();
      const given = fetch(`${rig.url}/v1/jobs/${id}/exports/csv`, { signal: client.signal });
      given.catch(() => {});
      await expect.poll(python.pids).toHaveLength(1);
      expect([isAlive(lastPid()), parts().length]).toEqual([true, 1]);
      client.abort();
      await expect.poll(() => isAlive(lastPid())).toBe(false);
      await expect.poll(parts).toEqual([]);

      const answer = fetch(`${rig.url}/v1/jobs/${id}/report`);
      await expect.poll(python.pids).toHaveLength(2);
      const closing = rig.gateway.close();
      expect(await (await answer).json()).toMatchObject({ code: 'SHUTTING_DOWN' });
      await closing;
      expect(isAlive(lastPid())).toBe(false);
      expect(parts()).toEqual([]);
      expect(rig.lines.filter(({ level }) => level >= ERROR)).toEqual([]);
    } finally {
      await rig.close();
    }
  });
});
