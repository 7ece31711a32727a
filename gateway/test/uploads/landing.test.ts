/** Uploads on their way to the disk: hashed, bounded, persisted or gone. */
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { type LandingOptions, land } from '../../src/uploads/landing.ts';

const MP4_HEAD = Buffer.from('00000018667479706d703432', 'hex');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pose-landing-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

const options = (changes: Partial<LandingOptions> = {}): LandingOptions => ({
  signal: new AbortController().signal,
  maxBytes: 10_000_000,
  announcedBytes: null,
  onChunk: () => {},
  ...changes,
});

/** In pieces of this many bytes. */
function inPieces(bytes: Buffer, size: number): Readable {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return Readable.from(pieces);
}

test.for([1, 7, 4_096, 1_000_000])(
  'in pieces of %i bytes the file is whole and named by its digest',
  async (size) => {
    const bytes = Buffer.concat([MP4_HEAD, randomBytes(20_000)]);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const landed = await land(inPieces(bytes, size), folder, options());
    expect(landed).toEqual({ path: join(folder, `${sha256}.mp4`), sha256, bytes: bytes.length });
    expect(readFileSync(landed.path).equals(bytes)).toBe(true);
  },
);

test('the same content lands on one file', async () => {
  const bytes = Buffer.concat([MP4_HEAD, Buffer.alloc(100)]);
  const [first, second] = [
    await land(inPieces(bytes, 50), folder, options()),
    await land(inPieces(bytes, 9), folder, options()),
  ];
  expect(second).toEqual(first);
  expect(readdirSync(folder)).toEqual([basename(first.path)]);
});

test.for([
  ['no video', Buffer.alloc(1_000, 'x'), {}, 'VIDEO_UNREADABLE'],
  ['a short text', Buffer.from('x'), {}, 'VIDEO_UNREADABLE'],
  ['nothing', Buffer.alloc(0), {}, 'VIDEO_UNREADABLE'],
  ['a byte too many', Buffer.concat([MP4_HEAD, Buffer.alloc(989)]), { maxBytes: 1_000 }, 'BODY_TOO_LARGE'],
  ['more than the disk has room for', MP4_HEAD, { announcedBytes: 2 ** 52 }, 'STORE_UNAVAILABLE'],
] as const)('%s is refused, and nothing of it stays', async ([, bytes, changes, code]) => {
  await expect(land(inPieces(bytes, 64), folder, options(changes))).rejects.toMatchObject({ code });
  expect(readdirSync(folder)).toEqual([]);
});

test('what is no video is refused at its first bytes, not at its end', async () => {
  let taken = 0;
  const source = Readable.from(
    (function* () {
      for (; taken < 10_000; taken += 1) yield Buffer.alloc(1_000, 'x');
    })(),
  );
  await expect(land(source, folder, options())).rejects.toMatchObject({ code: 'VIDEO_UNREADABLE' });
  expect(taken).toBeLessThan(100);
});

test('an upload that is given up fails with the reason', async () => {
  const stop = new AbortController();
  const reason = new Error('too slow');
  const landing = land(new Readable({ read() {} }), folder, options({ signal: stop.signal }));
  stop.abort(reason);
  await expect(landing).rejects.toBe(reason);
  expect(readdirSync(folder)).toEqual([]);
});

test('a place that is no folder is an outage of the store, with the next step', async () => {
  writeFileSync(join(folder, 'file'), '');
  const error = await land(inPieces(MP4_HEAD, 4), join(folder, 'file'), options()).catch((reason) => reason);
  expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', hint: expect.stringContaining('dataDir') });
});

test.skipIf(process.getuid?.() === 0)('a folder that cannot be written is one too', async () => {
  chmodSync(folder, 0o500);
  onTestFinished(() => chmodSync(folder, 0o700));
  await expect(land(inPieces(MP4_HEAD, 4), folder, options())).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
  });
});
