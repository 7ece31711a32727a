/** Jobs as a resource, with a real pool: submit, follow, read results, cancel, start anew. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, form, HAS_PYTHON, type Rig, renderVideo, SLOW_FIGURES, startGateway } from './rig.ts';

const FRAMES = 70;
const folder = mkdtempSync(join(tmpdir(), 'pose-jobs-'));
const clip = join(folder, 'clip.mp4');

interface ServerEvent {
  readonly id: string;
  readonly event: string;
  // biome-ignore lint/suspicious/noExplicitAny: data of either kind
  readonly data: any;
}

/** The events of a stream until it ends. */
async function eventsOf(rig: Rig, id: string, headers: Record<string, string> = {}): Promise<ServerEvent[]> {
  const { body } = await rig.get(`/v1/jobs/${id}/events`, { headers });
  return String(body)
    .split('\n\n')
    .filter((part) => part.startsWith('id: '))
    .map((part) => {
      const [, eventId = '', event = '', data = ''] = /^id: (.*)\nevent: (.*)\ndata: (.*)$/.exec(part) ?? [];
      return { id: eventId, event, data: JSON.parse(data) };
    });
}

describe.skipIf(!HAS_PYTHON)('jobs', () => {
  let rig: Rig;
  let done: string;

  beforeAll(async () => {
    renderVideo(clip, FRAMES / 30);
    rig = await startGateway([...SLOW_FIGURES, '--root', folder]);
  });
  afterAll(async () => {
    await rig.close();
    rmSync(folder, { recursive: true });
  });

  const submit = (more: object = {}, headers: Record<string, string> = {}): Promise<Answer> =>
    rig.post('/v1/jobs', { video_path: clip, ...more }, { headers });
  const stateOf = async (id: string) => (await rig.get(`/v1/jobs/${id}`)).body.state;
  const until = (id: string, state: string) =>
    expect.poll(() => stateOf(id), { timeout: 20_000, interval: 50 }).toBe(state);

  test('a submitted video is followed to its end: states, progress, speed, time left', async () => {
    const { status, body, headers } = await submit();
    expect(status).toBe(202);
    expect(headers.get('location')).toBe(`/v1/jobs/${body.id}`);
    expect(body).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      priority: 0,
      video_path: clip,
      error: null,
      result: null,
      links: { self: `/v1/jobs/${body.id}`, events: `/v1/jobs/${body.id}/events` },
    });
    done = body.id;
    const events = await eventsOf(rig, done);
    const states = events.filter(({ event }) => event === 'state').map(({ data }) => data.state);
    expect(states.at(-1)).toBe('completed');
    expect(states).toEqual(states.toSorted((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b)));
    const progress = events.filter(({ event }) => event === 'progress').map(({ data }) => data);
    expect(progress.length).toBeGreaterThan(2);
    expect(progress.map(({ done }) => done)).toEqual(
      progress.map(({ done }) => done).toSorted((a, b) => a - b),
    );
    expect(progress.at(-1)).toMatchObject({ id: done, state: 'processing', total: FRAMES });
    expect(progress.some(({ fps, left_s }) => fps > 0 && left_s > 0)).toBe(true);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    expect(events.at(-1)?.data).toMatchObject({
      state: 'completed',
      result: { summary: { frames: FRAMES, frames_with_person: FRAMES } },
      links: { frames: `/v1/jobs/${done}/frames` },
    });
  });

  test('whoever comes later gets the present state at once; who knows it already is told to stay away', async () => {
    const [snapshot, ...more] = await eventsOf(rig, done);
    expect(more).toEqual([]);
    expect(snapshot).toMatchObject({ event: 'state', data: { state: 'completed' } });
    const again = await rig.get(`/v1/jobs/${done}/events`, {
      headers: { 'last-event-id': snapshot?.id ?? '' },
    });
    expect(again.status).toBe(204);
    expect(await eventsOf(rig, done, { 'last-event-id': 'something else' })).toHaveLength(1);
  });

  test.for([
    ['', 0, FRAMES - 1],
    ['?from=63&to=66', 63, 66],
    ['?from=69', 69, 69],
    ['?to=0', 0, 0],
    ['?from=68&to=1000', 68, FRAMES - 1],
    ['?from=500', 500, FRAMES - 1],
  ] as const)('frames%s', async ([query, from, to]) => {
    const { status, body } = await rig.get(`/v1/jobs/${done}/frames${query}`);
    if (from > to) {
      expect(status).toBe(400);
      return;
    }
    expect(status).toBe(200);
    expect(body).toMatchObject({
      job_id: done,
      total_frames: FRAMES,
      from,
      to,
      header: { skeleton: { name: 'coco_17' } },
    });
    expect(body.frames.map(({ frame }: { frame: number }) => frame)).toEqual(
      Array.from({ length: to - from + 1 }, (_, index) => from + index),
    );
  });

  test.for(['?from=-1', '?to=x', '?from=1.5', '?from=5&to=4', '?first=1', '?from='])(
    'frames%s is 400',
    async (query) => {
      expect((await rig.get(`/v1/jobs/${done}/frames${query}`)).status).toBe(400);
    },
  );

  test('long results are compressed on request, and are the same', async () => {
    const plain = await (
      await fetch(`${rig.url}/v1/jobs/${done}/frames`, { headers: { 'accept-encoding': 'identity' } })
    ).text();
    const { promise, resolve } = Promise.withResolvers<{ encoding: string | undefined; bytes: Buffer }>();
    get(`${rig.url}/v1/jobs/${done}/frames`, { headers: { 'accept-encoding': 'gzip' } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ encoding: response.headers['content-encoding'], bytes: Buffer.concat(chunks) }),
      );
    });
    const { encoding, bytes } = await promise;
    expect(encoding).toBe('gzip');
    expect(bytes.length).toBeLessThan(plain.length / 2);
    expect(gunzipSync(bytes).toString()).toBe(plain);
  });

  test('the overlay comes whole and by ranges', async () => {
    const whole = await fetch(`${rig.url}/v1/jobs/${done}/overlay.mp4`);
    const bytes = Buffer.from(await whole.arrayBuffer());
    expect({
      status: whole.status,
      type: whole.headers.get('content-type'),
      ranges: whole.headers.get('accept-ranges'),
    }).toEqual({
      status: 200,
      type: 'video/mp4',
      ranges: 'bytes',
    });
    expect(bytes.toString('latin1', 4, 8)).toBe('ftyp');
    const part = await fetch(`${rig.url}/v1/jobs/${done}/overlay.mp4`, {
      headers: { range: 'bytes=100-199' },
    });
    expect(part.status).toBe(206);
    expect(part.headers.get('content-range')).toBe(`bytes 100-199/${bytes.length}`);
    expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(100, 200))).toBe(true);
    const beyond = await fetch(`${rig.url}/v1/jobs/${done}/overlay.mp4`, {
      headers: { range: `bytes=${bytes.length}-` },
    });
    expect(beyond.status).toBe(416);
    await beyond.text();
  });

  test('the report is a page, made once', async () => {
    const first = await rig.get(`/v1/jobs/${done}/report`);
    expect(first.status).toBe(200);
    expect(first.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(first.body).toContain('<!doctype html>');
    const startedMs = performance.now();
    const second = await rig.get(`/v1/jobs/${done}/report`);
    expect(second.body).toBe(first.body);
    expect(second.headers.get('etag')).toBe(first.headers.get('etag'));
    expect(performance.now()).toBeGreaterThan(startedMs);
  });

  test('the same key gives the same job, and another request under it is refused', async () => {
    const first = await submit({}, { 'idempotency-key': 'ride-1' });
    const second = await submit({}, { 'idempotency-key': 'ride-1' });
    expect(second).toMatchObject({ status: 202, body: { id: first.body.id } });
    const other = await submit({ min_score: 0.9 }, { 'idempotency-key': 'ride-1' });
    expect(other).toMatchObject({ status: 409, body: { code: 'IDEMPOTENCY_CONFLICT' } });
    await until(first.body.id, 'completed');
  });

  test('an uploaded file is a job as well, kept under the digest of its content', async () => {
    const body = form({ role: 'coach', priority: '5', overlay: 'false' }, readFileSync(clip), 'my ride.mp4');
    const answer = await rig.get('/v1/jobs', { method: 'POST', body });
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({
      priority: 5,
      role: 'coach',
      original_name: 'my ride.mp4',
      options: { overlay: false },
      video_path: expect.stringMatching(/[\\/]uploads[\\/][0-9a-f]{64}\.mp4$/),
    });
    await until(answer.body.id, 'completed');
    expect((await rig.get(`/v1/jobs/${answer.body.id}`)).body.result.directory).toBe(
      (await rig.get(`/v1/jobs/${done}`)).body.result.directory,
    );
  });

  test('jobs are listed newest first, by state and by pages', async () => {
    const { body: all } = await rig.get('/v1/jobs');
    const ids = all.jobs.map(({ id }: { id: string }) => id);
    expect(ids.at(-1)).toBe(done);
    const first = await rig.get('/v1/jobs?limit=2');
    expect(first.body.jobs).toHaveLength(2);
    const second = await rig.get(`/v1/jobs?limit=2&after=${first.body.after}`);
    expect([...first.body.jobs, ...second.body.jobs].map(({ id }) => id)).toEqual(ids.slice(0, 4));
    expect((await rig.get('/v1/jobs?state=failed')).body).toEqual({ jobs: [], after: null });
  });

  test('a running job and a waiting one are cancelled, told to who follows, and start anew', async () => {
    const { body: running } = await submit({ force: true });
    const { body: waiting } = await submit({ force: true });
    await until(running.id, 'processing');
    const followed = eventsOf(rig, running.id);
    expect((await rig.get(`/v1/jobs/${waiting.id}`)).body.queue_position).toBe(1);
    for (const { id } of [running, waiting]) {
      expect(await rig.get(`/v1/jobs/${id}`, { method: 'DELETE' })).toMatchObject({
        status: 200,
        body: { id },
      });
    }
    await until(running.id, 'cancelled');
    expect((await followed).at(-1)?.data.state).toBe('cancelled');
    expect((await rig.get(`/pose/video/status/${running.id}`)).body).toMatchObject({
      status: 'completed',
      result: { status: 'error', error: 'the job was cancelled', code: 'CANCELLED' },
    });
    const again = await rig.get(`/v1/jobs/${waiting.id}/retry`, { method: 'POST' });
    expect(again).toMatchObject({ status: 202, body: { id: waiting.id } });
    await until(waiting.id, 'completed');
  });

  test.for([
    ['GET', '/v1/jobs/nope', 404, 'JOB_NOT_FOUND'],
    ['GET', '/v1/jobs/nope/events', 404, 'JOB_NOT_FOUND'],
    ['GET', '/v1/jobs/nope/frames', 404, 'JOB_NOT_FOUND'],
    ['GET', '/v1/jobs/nope/overlay.mp4', 404, 'JOB_NOT_FOUND'],
    ['GET', '/v1/jobs/nope/report', 404, 'JOB_NOT_FOUND'],
    ['DELETE', '/v1/jobs/nope', 404, 'JOB_NOT_FOUND'],
    ['POST', '/v1/jobs/nope/retry', 404, 'JOB_NOT_FOUND'],
    ['GET', `/v1/jobs/${'x'.repeat(101)}`, 414, 'PATH_TOO_LONG'],
    ['GET', '/v1/jobs/%', 400, 'INVALID_REQUEST'],
    ['GET', '/v1/jobs?limit=0', 400, 'INVALID_REQUEST'],
    ['GET', '/v1/jobs?limit=201', 400, 'INVALID_REQUEST'],
    ['GET', '/v1/jobs?state=lost', 400, 'INVALID_REQUEST'],
    ['GET', '/v1/jobs?page=2', 400, 'INVALID_REQUEST'],
    ['PUT', '/v1/jobs', 404, 'ROUTE_NOT_FOUND'],
  ] as const)('%s %s is %i %s', async ([method, path, status, code]) => {
    expect(await rig.get(path, { method })).toMatchObject({
      status,
      body: { code, error: expect.any(String) },
    });
  });

  test('a finished job is not cancelled and does not start anew', async () => {
    expect(await rig.get(`/v1/jobs/${done}`, { method: 'DELETE' })).toMatchObject({
      status: 409,
      body: { code: 'JOB_FINISHED' },
    });
    expect(await rig.get(`/v1/jobs/${done}/retry`, { method: 'POST' })).toMatchObject({
      status: 409,
      body: { code: 'JOB_NOT_FINISHED' },
    });
  });

  test.for([
    ['nothing', {}, 'video_path'],
    ['a number for a path', { video_path: 5 }, 'video_path'],
    ['an unknown option', { video_path: clip, speed: 9 }, 'additional'],
    ['a priority out of range', { video_path: clip, priority: 101 }, 'priority'],
    ['a text for a flag', { video_path: clip, force: 'true' }, 'force'],
    ['a score over 1', { video_path: clip, min_score: 1.5 }, 'min_score'],
    ['an unknown effort', { video_path: clip, effort: 'lazy' }, 'effort'],
    ['a wrong assembly', { video_path: clip, assemble: { clean: 'soap' } }, 'clean'],
    ['a list', [], 'object'],
    ['a text', 'clip.mp4', 'object'],
  ] as const)('a job of %s is 400 and says what is wrong', async ([, asked, said]) => {
    const { status, body } = await rig.post('/v1/jobs', asked);
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'INVALID_REQUEST', error: expect.stringContaining(said) });
  });

  test.for([
    ['an unknown field', { nonsense: '1' }, 'there is no field nonsense'],
    ['a word for a number', { priority: 'high' }, 'priority'],
    ['a word for a flag', { overlay: 'maybe' }, 'overlay'],
    ['__proto__', { __proto__x: '1' }, 'there is no field'],
  ] as const)('a form with %s is 400', async ([, fields, said]) => {
    const body = form(fields, readFileSync(clip));
    const answer = await rig.get('/v1/jobs', { method: 'POST', body });
    expect(answer.status).toBe(400);
    expect(answer.body.error).toContain(said);
  });

  test('a result whose files are gone is 410, and an error for the old client', async () => {
    const other = join(folder, 'other.mp4');
    writeFileSync(other, Buffer.concat([readFileSync(clip), Buffer.from('0000000c6672656501020304', 'hex')]));
    const { body: job } = await submit({ video_path: other });
    await until(job.id, 'completed');
    const { directory } = (await rig.get(`/v1/jobs/${job.id}`)).body.result;
    rmSync(directory, { recursive: true });
    for (const part of ['frames', 'overlay.mp4', 'report']) {
      expect(await rig.get(`/v1/jobs/${job.id}/${part}`)).toMatchObject({
        status: 410,
        body: { code: 'RESULT_GONE' },
      });
    }
    expect((await rig.get(`/pose/video/status/${job.id}`)).body).toMatchObject({
      status: 'completed',
      result: { status: 'error', code: 'RESULT_GONE' },
    });
  });

  test('GET /v1/stats tells of jobs, workers and uploads', async () => {
    const { status, body } = await rig.get('/v1/stats');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      availability: 'ready',
      jobs: {
        queued: 0,
        processing: 0,
        completed: expect.any(Number),
        durations_s: { count: expect.any(Number) },
      },
      pool: { size: 1, ready: 1, breaker: 'closed', workers: [{ slot: 0, pid: expect.any(Number) }] },
      uploads: { under_way: 0 },
    });
  });
});

const ORDER = ['queued', 'processing', 'completed'];
