/** Faults in the bytes (rows 23 to 36 of the fault list). */
import { encodeFrame } from '../../wire/frame-writer.ts';
import type { RequestMessage } from '../../wire/generated/messages.ts';
import {
  FLAG_END,
  FLAG_META_IS_JSON,
  HEADER_BYTES,
  MAGIC,
  MAJOR,
  packHeader,
  TYPE_CODES,
} from '../../wire/header.ts';
import { resultMessage } from '../fake-messages.ts';
import type { Behaviour } from './behaviour.ts';

const VERSION_BYTE = 0xd0 | MAJOR;
const FLOOD_BYTES = 1024 * 1024;

export const WIRE = {
  'split-bytes': {
    does: 'answers one byte at a time',
    onRequest: (daemon, request) => {
      const bytes = answerBytes(request);
      const next = (at: number) => {
        if (at === bytes.length) return;
        daemon.sendRaw(bytes.subarray(at, at + 1));
        setImmediate(next, at + 1);
      };
      next(0);
    },
  },
  'truncated-frame': {
    does: 'exits in the middle of an answer',
    onRequest: (daemon, request) => {
      daemon.sendRaw(answerBytes(request).subarray(0, HEADER_BYTES + 5));
      daemon.exit(0);
    },
  },
  'stalled-frame': {
    does: 'stops in the middle of an answer',
    onRequest: (daemon, request) => daemon.sendRaw(answerBytes(request).subarray(0, HEADER_BYTES + 5)),
  },
  'oversized-frame': {
    does: 'announces a body of 4 GiB',
    onRequest: (daemon, { id }) => daemon.sendRaw(header(TYPE_CODES.result, id, 0, 0xffffffff)),
  },
  'print-mid-stream': {
    does: 'prints to its output instead of answering',
    onRequest: (daemon) => daemon.sendRaw(Buffer.from('loading weights: 100%\n')),
  },
  'broken-meta': {
    does: 'answers with meta that is no msgpack',
    onRequest: (daemon, { id }) =>
      daemon.sendRaw(Buffer.concat([header(TYPE_CODES.result, id, 2, 0), Buffer.from([0xc1, 0xc1])])),
  },
  'misfit-arrays': {
    does: 'announces more keypoints than the body holds',
    onRequest: (daemon, request) => {
      const { message, body } = resultMessage(request, 1);
      daemon.send(message, body.subarray(0, 8));
    },
  },
  'nan-score': {
    does: 'answers with a score that is not a number',
    onRequest: (daemon, { id }) => daemon.sendRaw(jsonFrame(id, '{"persons":[{"score":NaN}]}')),
  },
  'deep-meta': {
    does: 'answers with meta nested a thousand deep',
    onRequest: (daemon, { id }) =>
      daemon.sendRaw(jsonFrame(id, `{"timings_ms":${'['.repeat(1_000)}${']'.repeat(1_000)}}`)),
  },
  'broken-text': {
    does: 'answers with text that is no UTF-8',
    onRequest: (daemon, { id }) => daemon.sendRaw(jsonFrame(id, Buffer.from('{"a":"\xff"}', 'latin1'))),
  },
  'unaligned-arrays': {
    does: 'puts the arrays at odd offsets',
    onRequest: (daemon, request) => {
      const { message, body } = resultMessage(request, 1);
      const arrays = message.arrays?.map((array) => ({ ...array, offset: array.offset + 1 })) ?? [];
      daemon.send({ ...message, arrays }, Buffer.concat([Buffer.alloc(1), body]));
    },
  },
  'unknown-id': {
    does: 'answers a request that was never sent, then the real one',
    onRequest: (daemon, request) => {
      daemon.answer({ ...request, id: request.id + 1_000_000 });
      daemon.answer(request);
    },
  },
  'answer-twice': {
    does: 'answers every request twice',
    onRequest: (daemon, request) => {
      daemon.answer(request);
      daemon.answer(request);
    },
  },
  'part-after-answer': {
    does: 'sends a part of an answer after the answer',
    onRequest: (daemon, request) => {
      daemon.answer(request);
      daemon.send({ type: 'part', id: request.id, seq: 0 });
    },
  },
  'hello-for-answer': {
    does: 'says HELLO instead of answering',
    onRequest: (daemon) => daemon.sayHello(),
  },
  'optional-unknown-type': {
    does: 'sends an optional message of an unknown type before the answer',
    onRequest: (daemon, request) => {
      daemon.sendRaw(Buffer.concat([header(0xfe, 0, 3, 2), Buffer.alloc(5)]));
      daemon.answer(request);
    },
  },
  'critical-unknown-type': {
    does: 'sends a message of an unknown type that may not be ignored',
    onRequest: (daemon) => daemon.sendRaw(header(0x7e, 0, 0, 0)),
  },
  'stop-reading': {
    does: 'reads nothing after READY',
    onInit: (daemon) => {
      daemon.sayReady();
      process.stdin.pause();
      daemon.stayAlive();
    },
  },
  'flood-output': {
    does: 'sends X MiB of parts before every answer',
    onRequest: (daemon, request) => {
      const body = new Uint8Array(FLOOD_BYTES);
      for (let seq = 0; seq < daemon.amount; seq += 1) {
        daemon.send({ type: 'part', id: request.id, seq }, body);
      }
      daemon.answer(request);
    },
  },
  'flood-stderr': {
    does: 'writes X MiB to its standard error before every answer',
    onRequest: (daemon, request) => {
      for (let mebibyte = 0; mebibyte < daemon.amount; mebibyte += 1) {
        daemon.complain('x'.repeat(FLOOD_BYTES));
      }
      daemon.answer(request);
    },
  },
  'half-header': {
    does: 'sends half a header and stops',
    onRequest: (daemon, request) => daemon.sendRaw(answerBytes(request).subarray(0, HEADER_BYTES / 2)),
  },
  'close-input': {
    does: 'closes its input on the first request and goes on running',
    onRequest: (daemon) => daemon.closeInput(),
  },
  'close-output': {
    does: 'closes its output on the first request and goes on running',
    onRequest: (daemon) => daemon.closeOutput(),
  },
} as const satisfies Record<string, Behaviour>;

function answerBytes(request: RequestMessage): Buffer {
  const { message, body } = resultMessage(request, 1);
  return Buffer.concat([encodeFrame(message, body).head, body]);
}

/** A result whose meta is this JSON. */
function jsonFrame(id: number, json: string | Buffer): Buffer {
  const meta = Buffer.from(json as string);
  const flags = FLAG_END | FLAG_META_IS_JSON;
  return Buffer.concat([header(TYPE_CODES.result, id, meta.byteLength, 0, flags), meta]);
}

function header(typeCode: number, id: number, metaBytes: number, bodyBytes: number, flags = 0): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  packHeader(bytes, { typeCode, id, flags, metaBytes, bodyBytes });
  bytes.set([MAGIC, VERSION_BYTE]);
  return bytes;
}
