/** Sizes out of the heads of pictures, however short or false they are. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkPixels, imageSize } from '../../src/uploads/image-size.ts';

function png(width: number, height: number): Buffer {
  const head = Buffer.alloc(33);
  Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex').copy(head);
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  return head;
}

function jpeg(width: number, height: number): Buffer {
  const frame = Buffer.from('ffc0001108000000000301220002110103110100', 'hex');
  frame.writeUInt16BE(height, 5);
  frame.writeUInt16BE(width, 7);
  return Buffer.concat([
    Buffer.from('ffd8ffe000104a46494600010100000100010000ffff', 'hex'),
    frame.subarray(1),
  ]);
}

function webp(kind: string, at: number, bytes: number[]): Buffer {
  const head = Buffer.alloc(40);
  head.write('RIFF', 0, 'latin1');
  head.write(`WEBP${kind}`, 8, 'latin1');
  Buffer.from(bytes).copy(head, at);
  return head;
}

test.for([
  ['PNG', png(640, 360)],
  ['JPEG', jpeg(640, 360)],
  ['WebP, extended', webp('VP8X', 24, [0x7f, 0x02, 0, 0x67, 0x01, 0])],
  ['WebP, lossy', webp('VP8 ', 26, [0x80, 0x02, 0x68, 0x01])],
  ['WebP, lossless', webp('VP8L', 21, [0x7f, 0xc2, 0x59, 0x00])],
] as const)('%s', ([, bytes]) => {
  expect(imageSize(bytes)).toEqual({ width: 640, height: 360 });
});

test('no head makes it throw or go on for ever', () => {
  const heads = [png(9, 9), jpeg(9, 9), webp('VP8X', 24, []), webp('VP8 ', 26, []), webp('VP8L', 21, [])];
  for (const head of heads) {
    for (let length = 0; length <= head.length; length += 1) imageSize(head.subarray(0, length));
  }
  fc.assert(
    fc.property(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 200 }), (head, tail) => {
      const bytes = Buffer.concat([head.subarray(0, 12), tail]);
      imageSize(bytes.subarray(3)); // not at the start of its buffer either
      imageSize(bytes);
    }),
    { seed: 7 },
  );
});

describe('the limit', () => {
  test('lets a picture of so many pixels through', () => {
    checkPixels(png(1000, 1000), 1_000_000);
    checkPixels(Buffer.from('no picture'), 1);
  });

  test.for([
    ['a bomb', png(100_000, 100_000)],
    ['one row too many', png(1000, 1001)],
    ['sizes over 2 ** 31', png(4_294_967_295, 4_294_967_295)],
  ] as const)('refuses %s with 413', ([, bytes]) => {
    expect(() => checkPixels(bytes, 1_000_000)).toThrow('IMAGE_TOO_LARGE');
  });
});
