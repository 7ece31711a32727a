/** The answer to bytes that are no HTTP request, before any route can see them. */
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

const STATUS: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
};

const SENTENCE: Readonly<Record<number, readonly [code: string, sentence: string]>> = {
  400: ['INVALID_REQUEST', 'this is not an HTTP request'],
  408: ['BODY_TIMEOUT', 'the request did not come in time'],
  431: ['INVALID_REQUEST', 'the head of the request is too large'],
};

export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = STATUS[error.code ?? ''] ?? 400;
  const [code, sentence] = SENTENCE[status] ?? [];
  const body = JSON.stringify({ error: sentence, code });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
