/** How long a video says it is, and what is refused for it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { checkVideo } from '../../src/uploads/duration.ts';

function box(name: string, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8);
  head.write(name, 4, 'latin1');
  return Buffer.concat([head, body]);
}

function mvhd(scale: number, duration: number | bigint, version = 0): Buffer {
  const body = Buffer.alloc(100);
  body[0] = version;
  if (version === 1) {
    body.writeUInt32BE(scale, 20);
    body.writeBigUInt64BE(BigInt(duration), 24);
  } else {
    body.writeUInt32BE(scale, 12);
    body.writeUInt32BE(Number(duration), 16);
  }
  return box('mvhd', body);
}

const ftyp = box('ftyp', Buffer.from('isom\0\0\0\0'));
const long = Buffer.alloc(16);
long.writeUInt32BE(1);
long.write('mdat', 4, 'latin1');
long.writeBigUInt64BE(24n, 8);

function avi(microseconds: number, frames: number): Buffer {
  const head = Buffer.alloc(56);
  head.write('RIFF\0\0\0\0AVI LIST\0\0\0\0hdrlavih', 0, 'latin1');
  head.writeUInt32LE(microseconds, 32);
  head.writeUInt32LE(frames, 48);
  return head;
}

async function verdict(bytes: Buffer): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'pose-duration-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'v'), bytes);
  return checkVideo(join(folder, 'v'), 60).then(
    () => 'taken',
    (error) => error.code,
  );
}

test.for([
  ['an MP4 of 60 s', Buffer.concat([ftyp, box('moov', mvhd(1000, 60_000))]), 'taken'],
  ['an MP4 of 61 s', Buffer.concat([ftyp, box('moov', mvhd(1000, 61_000))]), 'VIDEO_TOO_LONG'],
  [
    'its head at the end',
    Buffer.concat([ftyp, box('mdat', Buffer.alloc(999)), box('moov', mvhd(1, 61))]),
    'VIDEO_TOO_LONG',
  ],
  [
    'a box with a long size before it',
    Buffer.concat([ftyp, long, Buffer.alloc(8), box('moov', mvhd(1, 61))]),
    'VIDEO_TOO_LONG',
  ],
  ['a long duration field', Buffer.concat([ftyp, box('moov', mvhd(600, 36_601, 1))]), 'VIDEO_TOO_LONG'],
  ['an unknown duration', Buffer.concat([ftyp, box('moov', mvhd(1000, 0xffffffff))]), 'taken'],
  ['no time scale', Buffer.concat([ftyp, box('moov', mvhd(0, 99_999))]), 'taken'],
  ['a box of size 0 to the end', Buffer.concat([ftyp, Buffer.alloc(64)]), 'taken'],
  [
    'a box that is smaller than its head',
    Buffer.concat([ftyp, Buffer.from('00000003aaaaaaaa', 'hex')]),
    'taken',
  ],
  ['an AVI of 60 s', avi(40_000, 1_500), 'taken'],
  ['an AVI of 80 s', avi(40_000, 2_000), 'VIDEO_TOO_LONG'],
  ['a Matroska, whose frames are counted later', Buffer.from('1a45dfa3', 'hex'), 'taken'],
  ['text', Buffer.from('#!/bin/sh'), 'VIDEO_UNREADABLE'],
  ['nothing', Buffer.alloc(0), 'VIDEO_UNREADABLE'],
] as const)('%s', async ([, bytes, expected]) => {
  expect(await verdict(bytes)).toBe(expected);
});

test('many small boxes end the search', async () => {
  const boxes = Array.from({ length: 2_000 }, () => box('free'));
  expect(await verdict(Buffer.concat([ftyp, ...boxes, box('moov', mvhd(1, 61))]))).toBe('taken');
});
