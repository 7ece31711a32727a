/** Videos are known by their first bytes, whatever they are called. */
import { expect, test } from 'vitest';
import { sniffVideo } from '../../src/uploads/sniff.ts';

const box = (name: string, brand = '') =>
  Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from(name + brand, 'latin1'), Buffer.alloc(200)]);
const ts = Buffer.alloc(400, 0);
for (let at = 0; at < ts.length; at += 188) ts[at] = 0x47;

test.for([
  ['an MP4', box('ftyp', 'isom'), 'mp4'],
  ['a MOV', box('ftyp', 'qt  '), 'mov'],
  ['an old MOV', box('moov'), 'mov'],
  ['a Matroska', Buffer.from('1a45dfa3', 'hex'), 'mkv'],
  ['an AVI', Buffer.from('RIFF\0\0\0\0AVI LIST', 'latin1'), 'avi'],
  ['an Ogg', Buffer.from('OggS'), 'ogv'],
  ['an FLV', Buffer.from('FLV\x01', 'latin1'), 'flv'],
  ['a WMV', Buffer.from('3026b2758e66cf11', 'hex'), 'wmv'],
  ['an MPEG program', Buffer.from('000001ba', 'hex'), 'mpg'],
  ['an MPEG transport', ts, 'ts'],
  ['a still picture in the same box', box('ftyp', 'heic'), null],
  ['another still picture', box('ftyp', 'avif'), null],
  ['a sound', Buffer.from('RIFF\0\0\0\0WAVEfmt ', 'latin1'), null],
  ['a JPEG', Buffer.from('ffd8ffe000104a464946', 'hex'), null],
  ['a ZIP', Buffer.from('PK\x03\x04'.padEnd(300, '\0')), null],
  ['text', Buffer.from('G'.padEnd(188, 'x')), null],
  ['nothing', Buffer.alloc(0), null],
  ['three bytes', Buffer.from([0x1a, 0x45, 0xdf]), null],
] as const)('%s', ([, bytes, container]) => {
  expect(sniffVideo(bytes)).toBe(container);
});
