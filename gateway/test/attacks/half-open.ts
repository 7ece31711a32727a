/** Uploads that begin as they should and never go on. */
import type { Socket } from 'node:net';
import { open, read, statusIn } from '../http/raw.ts';
import { type Answers, counted } from './answers.ts';

const BOUNDARY = 'XX';
/** As much as the content of a file must have to look like a video. */
const MP4 = Buffer.concat([Buffer.from('00000018667479706d703432', 'hex'), Buffer.alloc(4_000)]);
const ANNOUNCED_BYTES = 100_000;

const BEGINNING = Buffer.concat([
  Buffer.from(
    `POST /api/upload-video-with-pose HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n` +
      `Content-Type: multipart/form-data; boundary=${BOUNDARY}\r\nContent-Length: ${ANNOUNCED_BYTES}\r\n\r\n` +
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="video"; filename="a.mp4"\r\n\r\n`,
  ),
  MP4,
]);

/** So many at once; each stays until the gateway ends it. */
export async function halfOpenUploads(url: string, count: number): Promise<Answers> {
  const sockets: Socket[] = [];
  for (let opened = 0; opened < count; opened += 1) sockets.push(await open(url));
  const answers = Promise.all(sockets.map(read));
  for (const socket of sockets) socket.write(BEGINNING);
  return counted((await answers).map(statusIn));
}
