/** Row 75 and its kin: what is too much, too slow, too false is refused; memory stays flat; the next client is served. */
import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { halfOpenUploads } from '../attacks/half-open.ts';
import { malformedRequests, REFUSALS } from '../attacks/malformed.ts';
import { slowLoris } from '../attacks/slow-loris.ts';
import { exchange, open, read, statusIn } from './raw.ts';
import { FIGURES, HAS_PYTHON, PICTURE, type Rig, startGateway } from './rig.ts';

const MIB = 1024 ** 2;
/** Of lines that tell of a defect of ours. */
const ERROR_LEVEL = 50;
const MP4 = Buffer.concat([Buffer.from('00000018667479706d703432', 'hex'), Buffer.alloc(4_000)]);

describe.skipIf(!HAS_PYTHON)('under attack', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startGateway([
      ...FIGURES,
      ...['--max-upload-bytes', String(4 * MIB), '--max-body-bytes', String(MIB), '--max-uploads', '4'],
      ...['--header-timeout-ms', '500', '--body-timeout-ms', '500', '--max-pixels', '1000000'],
    ]);
  });
  afterAll(() => rig.close());

  afterEach(async () => {
    expect((await rig.get('/livez')).status).toBe(200);
    expect((await rig.post('/pose/hybrid', { image_base64: PICTURE.toString('base64') })).status).toBe(200);
    await expect.poll(() => parts(rig)).toEqual([]);
    expect(rig.lines.filter(({ level }) => level >= ERROR_LEVEL)).toEqual([]);
  });

  const head = (path: string, length: number, type: string) =>
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`;
  const boundary = 'XX';
  const multipart = `multipart/form-data; boundary=${boundary}`;
  const partHead = `--${boundary}\r\nContent-Disposition: form-data; name="video"; filename="a.mp4"\r\n\r\n`;
  const tail = `\r\n--${boundary}--\r\n`;

  test('a slow loris is cut off in its head with 408', async () => {
    expect(await slowLoris(rig.url, 50)).toEqual({ 408: 50 });
  });

  test('a body that does not come is answered with 408', async () => {
    const answer = await exchange(rig.url, `${head('/pose/hybrid', 1000, 'application/json')}{"image`, {
      ends: false,
    });
    expect(statusIn(answer)).toBe(408);
    expect(answer).toContain('BODY_TIMEOUT');
  });

  test('a silent upload is answered with 408, and leaves no file', async () => {
    const answer = await exchange(
      rig.url,
      head('/api/upload-video-with-pose', 5000, multipart) + partHead + MP4.toString('latin1'),
      {
        ends: false,
      },
    );
    expect(statusIn(answer)).toBe(408);
    expect(answer).toContain('was silent for 500 ms');
  });

  test('half-open uploads beyond the limit are answered with 429, the others with 408', async () => {
    expect(await halfOpenUploads(rig.url, 40)).toEqual({ 408: 4, 429: 36 });
  });

  test('an upload that is cut off is gone from the disk', async () => {
    const socket = await open(rig.url);
    socket.write(head('/api/upload-video-with-pose', 100_000, multipart) + partHead, 'latin1');
    socket.write(MP4);
    await expect.poll(() => parts(rig)).toHaveLength(1);
    socket.destroy();
    await expect.poll(() => parts(rig)).toEqual([]);
  });

  test('a body that is cut off is the end of its client, and no error of ours', async () => {
    const before = rig.lines.length;
    for (const [path, type] of [
      ['/pose/hybrid', 'application/json'],
      ['/v1/frames', 'image/png'],
    ] as const) {
      const socket = await open(rig.url);
      socket.write(`${head(path, 1_000, type)}{"image`);
      await rig.get('/health'); // a later request was answered, so this one was taken
      socket.destroy();
    }
    await rig.get('/health');
    expect(rig.lines.slice(before)).toEqual([]);
  });

  test.for([
    ['cut inside a part', partHead + MP4.toString('latin1')],
    ['without an end', `--${boundary}\r\nContent-Disposition: form-data; name="role"\r\n\r\nrider`],
    ['no form at all', 'x'.repeat(200)],
    ['a part without a head', `--${boundary}\r\n\r\n`],
  ] as const)('a form that is %s is 400', async ([, body]) => {
    const bytes = head('/api/upload-video-with-pose', body.length, multipart) + body;
    const answer = await exchange(rig.url, Buffer.from(bytes, 'latin1'), { ends: false });
    expect(statusIn(answer)).toBe(400);
    expect(answer).toContain('videoId');
  });

  test('a form without a boundary is refused', async () => {
    const bytes = `${head('/api/upload-video-with-pose', 4, 'multipart/form-data')}abcd`;
    const answer = await exchange(rig.url, bytes, { ends: false });
    expect(statusIn(answer)).toBe(400);
    expect(answer).toContain('Boundary not found');
  });

  test.for([
    ['announced', true],
    ['in chunks', false],
  ] as const)('a video over the limit, %s, is 413, and memory stays flat', async ([, isAnnounced]) => {
    const bytes = 64 * MIB;
    const before = process.memoryUsage().rss;
    let peak = before;
    const answer = await new Promise<{ status: number; body: string }>((resolve, reject) => {
      const asked = request(`${rig.url}/api/upload-video-with-pose`, {
        method: 'POST',
        headers: {
          'content-type': multipart,
          ...(isAnnounced ? { 'content-length': partHead.length + MP4.length + bytes } : {}),
        },
      });
      asked.on('response', (response) => {
        let body = '';
        response.on('data', (chunk) => (body += chunk));
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, body });
          asked.destroy();
        });
      });
      asked.on('error', reject);
      asked.write(partHead);
      asked.write(MP4);
      const chunk = Buffer.alloc(256 * 1024);
      let sent = 0;
      const more = () => {
        peak = Math.max(peak, process.memoryUsage().rss);
        if (sent >= bytes || asked.destroyed || !asked.writable) return;
        sent += chunk.length;
        if (asked.write(chunk)) setImmediate(more);
        else asked.once('drain', more);
      };
      more();
    });
    expect(answer).toMatchObject({ status: 413, body: expect.stringContaining('BODY_TOO_LARGE') });
    expect(peak - before).toBeLessThan(60 * MIB);
  });

  test('a field that is too large is 413, too many of them too', async () => {
    const large = `--${boundary}\r\nContent-Disposition: form-data; name="role"\r\n\r\n${'x'.repeat(100_000)}${tail}`;
    const many = `${Array.from({ length: 40 }, (_, n) => `--${boundary}\r\nContent-Disposition: form-data; name="f${n}"\r\n\r\nx\r\n`).join('')}--${boundary}--\r\n`;
    for (const body of [large, many]) {
      const answer = await rig.get('/api/upload-video-with-pose', {
        method: 'POST',
        body,
        headers: { 'content-type': multipart },
      });
      expect(answer).toMatchObject({ status: 413, body: { videoId: expect.any(String) } });
    }
  });

  test('a JSON body over the limit is 413, announced or not', async () => {
    const image_base64 = 'A'.repeat(2 * MIB);
    expect(await rig.post('/pose/hybrid', { image_base64 })).toMatchObject({
      status: 413,
      body: { code: 'BODY_TOO_LARGE' },
    });
    expect(
      await rig.get('/v1/frames', {
        method: 'POST',
        body: Buffer.alloc(2 * MIB),
        headers: { 'content-type': 'image/png' },
      }),
    ).toMatchObject({ status: 413 });
  });

  test('bodies that would take too much memory together are 429 before they are read', async () => {
    const sockets = await Promise.all(Array.from({ length: 12 }, () => open(rig.url)));
    const answers = Promise.all(sockets.map(read));
    for (const socket of sockets) socket.write(`${head('/pose/hybrid', MIB, 'application/json')}{"image`);
    const statuses = (await answers).map(statusIn);
    expect(statuses.filter((status) => status === 408)).toHaveLength(8);
    expect(statuses.filter((status) => status === 429)).toHaveLength(4);
  });

  test('a compressed body is not unpacked', async () => {
    const init = { method: 'POST', body: gzipSync(Buffer.alloc(MIB, ' ')) };
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    expect((await rig.get('/pose/video', { ...init, headers })).status).toBe(400);
  });

  test('a small file of very many pixels is 413 before anybody decodes it', async () => {
    const bomb = Buffer.from(PICTURE);
    bomb.writeUInt32BE(50_000, 16);
    bomb.writeUInt32BE(50_000, 20);
    const asked = { image_base64: bomb.toString('base64') };
    expect(await rig.post('/pose/hybrid', asked)).toMatchObject({
      status: 413,
      body: { code: 'IMAGE_TOO_LARGE' },
    });
    const init = { method: 'POST', body: bomb, headers: { 'content-type': 'image/png' } };
    expect(await rig.get('/v1/frames', init)).toMatchObject({
      status: 413,
      body: { code: 'IMAGE_TOO_LARGE' },
    });
  });

  test.for([
    ['no body and no type', {}],
    ['no body', { headers: { 'content-type': 'image/png' } }],
  ] as const)('a picture that is %s is 400', async ([, init]) => {
    const answer = await rig.get('/v1/frames', { method: 'POST', ...init });
    expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
    expect(answer.body.error).toContain('must be the picture itself');
  });

  test.for([
    ['/pose/video', 'text/plain'],
    ['/pose/hybrid', 'application/xml'],
    ['/v1/frames', 'text/html'],
    ['/v1/jobs', 'text/plain'],
    ['/api/upload-video-with-pose', 'application/json'],
    ['/api/upload-video-with-pose', 'video/mp4'],
  ] as const)('POST %s as %s is 415', async ([path, type]) => {
    const answer = await rig.get(path, { method: 'POST', body: '{}', headers: { 'content-type': type } });
    expect(answer).toMatchObject({ status: 415, body: { code: 'UNSUPPORTED_MEDIA_TYPE' } });
  });

  test.for([
    ['{', 400],
    ['{"video_path": "a"', 400],
    ['{"__proto__": {"x": 1}}', 400],
    ['{"constructor": {"prototype": {"x": 1}}}', 400],
    ['[[[['.repeat(10), 400],
    ['null', 400],
    ['"text"', 400],
    ['\ud800', 400],
  ] as const)('the JSON body %j is %i', async ([body, status]) => {
    const answer = await rig.get('/pose/video', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect(answer).toMatchObject({ status, body: { error: expect.any(String) } });
  });

  test('malformed requests by the thousand get an answer or a closed socket', async () => {
    const answers = await malformedRequests(rig.url, 1_000);
    expect(REFUSALS).toEqual(expect.arrayContaining(Object.keys(answers)));
    expect(answers[400]).toBeGreaterThan(100);
  });

  test.for(['/livez', '/v1/jobs', '/'])('two Host headers are 400: %s', async (path) => {
    const asked = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nHost: example.org\r\nConnection: close\r\n\r\n`;
    const answer = await exchange(rig.url, asked, { ends: false });
    expect(statusIn(answer)).toBe(400);
    expect(answer).toContain('more than one Host header');
  });

  test('a head over the limit is 431', async () => {
    expect(
      statusIn(await exchange(rig.url, `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)),
    ).toBe(431);
  });
});

function parts(rig: Rig): string[] {
  try {
    return readdirSync(join(rig.dataDir, 'uploads')).filter((name) => name.startsWith('.incoming-'));
  } catch {
    return [];
  }
}
