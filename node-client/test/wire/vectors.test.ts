/** The vectors of protocol/vectors, in this language. */
import { describe, expect, test } from 'vitest';
import { encodeFrame, type SendableMessage } from '../../src/wire/frame-writer.ts';
import { SCHEMAS } from '../../src/wire/generated/schemas.ts';
import { decodeJson } from '../../src/wire/json-decode.ts';
import { DEFAULT_LIMITS } from '../../src/wire/limits.ts';
import { InvalidMessageError, parseClientMessage, parseDaemonMessage } from '../../src/wire/messages.ts';
import { isMap, NotPlainError } from '../../src/wire/plain.ts';
import { collect, cut } from './collect.ts';
import { assemble, frameCases, lineCases, messageCases } from './vectors.ts';

function parse(message: { type: string }): unknown {
  const fromDaemon = SCHEMAS[message.type as keyof typeof SCHEMAS]['x-direction'] === 'daemon->client';
  return fromDaemon ? parseDaemonMessage(message) : parseClientMessage(message);
}

test.for(messageCases('accept'))('accepted: $name', ({ message }) => {
  expect(parse(message)).toBe(message);
});

test.for(messageCases('reject'))('rejected where it breaks: $name', ({ message, path }) => {
  expect(() => parse(message)).toThrow(InvalidMessageError);
  expect(() => parse(message)).toThrow(expect.objectContaining({ path }));
});

describe.for(frameCases())('frames: $name', ({ bytes, limits, frames, fault }) => {
  const data = assemble(bytes);
  const expected = fault === undefined ? { frames } : { frames, fault };
  const options = {
    limits: {
      ...DEFAULT_LIMITS,
      metaBytes: limits?.meta_bytes ?? DEFAULT_LIMITS.metaBytes,
      bodyBytes: limits?.body_bytes ?? DEFAULT_LIMITS.bodyBytes,
    },
  };

  test('at once', () => {
    expect(collect([data], options)).toEqual(expected);
  });

  test('byte by byte', () => {
    expect(collect(cut(data, 1), options)).toEqual(expected);
  });
});

test.for(frameCases().filter((one) => one.canonical))('our writer writes exactly: $name', (vector) => {
  const [frame] = vector.frames as [(typeof vector.frames)[0]];
  const message = frame.message as unknown as SendableMessage;
  const { head, body } = encodeFrame(message, Buffer.from(frame.body, 'hex'), {
    jsonMeta: vector.canonical === 'json',
  });
  expect(Buffer.concat([head, body]).toString('hex')).toBe(assemble(vector.bytes).toString('hex'));
});

// This half has no reader of lines, but its JSON must draw the same line between messages and others.
test.for(lineCases().filter((one) => !one.limits))('JSON lines: $name', ({ bytes, message, code }) => {
  const decode = () => decodeJson(assemble(bytes), DEFAULT_LIMITS.depth);
  if (code === undefined) expect(decode()).toEqual(message);
  else if (isPlain(decode)) expect(isMap(decode())).toBe(false);
});

function isPlain(decode: () => unknown): boolean {
  try {
    decode();
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(NotPlainError);
    return false;
  }
}
