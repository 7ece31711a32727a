/** Bytes that are no request, or a wrong one. */
import { createHash } from 'node:crypto';
import { exchange, statusIn } from '../http/raw.ts';
import { type Answers, counted } from './answers.ts';

const AT_ONCE = 50;

/** Statuses that say what is wrong; a connection that is closed without one is well answered too. */
export const REFUSALS = ['none', '400', '404', '408', '413', '414', '415', '431', '501'];

export async function malformedRequests(url: string, count: number): Promise<Answers> {
  const statuses: (number | null)[] = [];
  let sent = 0;
  const lane = async () => {
    while (sent < count) {
      sent += 1;
      statuses.push(statusIn(await exchange(url, malformed(sent)).catch(() => '')));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return counted(statuses);
}

/** The same bytes for the same number, and each kind of wrong in turn. */
function malformed(seed: number): Buffer {
  const noise = createHash('sha512').update(String(seed)).digest();
  const kinds: readonly (() => string | Buffer)[] = [
    () => noise,
    () => `GET /nowhere${noise.toString('latin1')} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    () => `GET /%${noise.toString('hex').slice(0, 3)}%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    () => `${noise.toString('hex').slice(0, 5)} / HTTP/1.1\r\n\r\n`,
    () => `GET / HTTP/${seed}.9\r\n\r\n`,
    () => 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n',
    () => `POST /pose/video HTTP/1.1\r\nHost: a\r\nContent-Length: -${seed}\r\n\r\n`,
    () =>
      'POST /pose/video HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    () =>
      'POST /pose/video HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\nzz\r\n',
    () =>
      `POST /v1/jobs HTTP/1.1\r\nHost: a\r\nContent-Type: ${noise.toString('hex')}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`,
    () => 'GET /v1/jobs/../../etc/passwd HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    () => 'OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  ];
  const made = kinds[seed % kinds.length]?.() ?? '';
  return typeof made === 'string' ? Buffer.from(made, 'latin1') : made;
}
