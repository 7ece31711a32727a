import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { toRequestImage } from '../src/image.ts';

const raw = { data: new Uint8Array(12), width: 2, height: 2, format: 'rgb24' as const };

test('bytes travel as they are, without a copy', () => {
  const bytes = Buffer.from('jpeg');
  const { params, body } = toRequestImage(bytes);
  expect(params).toEqual({});
  expect(body).toBe(bytes);
});

test('a path is made absolute, because the daemon may stand elsewhere', () => {
  expect(toRequestImage('a/b.jpg')).toEqual({
    params: { path: resolve('a/b.jpg') },
    body: new Uint8Array(0),
  });
});

test('raw pixels carry their layout', () => {
  expect(toRequestImage(raw).params).toEqual({ format: 'rgb24', width: 2, height: 2 });
});

test.for<[what: string, image: unknown, message: string]>([
  ['null', null, 'an image must be bytes, a path or raw pixels, got null'],
  ['undefined', undefined, 'raw pixels, got undefined'],
  ['an ArrayBuffer', new ArrayBuffer(4), 'raw pixels, got an object of class ArrayBuffer'],
  ['a URL', new URL('file:///a.jpg'), 'raw pixels, got an object of class URL'],
  ['an object without a class', Object.create(null), 'raw pixels, got an object of class null'],
  ['a long symbol', Symbol('x'.repeat(999)), 'got symbol Symbol(xxxx'],
  ['a number', 7, 'got number 7'],
  ['no bytes', Buffer.alloc(0), 'the image has no bytes'],
  ['an empty path', '', 'the image path is empty'],
  [
    'an unknown format',
    { ...raw, format: 'yuv' },
    'image.format must be one of rgb24, bgr24, gray8, got string yuv',
  ],
  ['a format from the prototype', { ...raw, format: 'toString' }, 'image.format must be one of'],
  [
    'a width of half a pixel',
    { ...raw, width: 1.5 },
    'image.width must be a positive integer, got number 1.5',
  ],
  ['no height', { ...raw, height: undefined }, 'image.height must be a positive integer, got undefined'],
  ['too few bytes', { ...raw, height: 3 }, '2x3 rgb24 takes 18 bytes, got 12'],
])('%s is refused by name', ([, image, message]) => {
  expect(() => toRequestImage(image as never)).toThrow(
    expect.objectContaining({
      code: 'INVALID_REQUEST',
      message: expect.stringContaining(message),
    }),
  );
});
