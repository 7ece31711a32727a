/** Clients that send the head of a request for ever, a byte at a time. */
import { open, read, statusIn } from '../http/raw.ts';
import { type Answers, counted } from './answers.ts';

const DRIP_MS = 100;

export async function slowLoris(url: string, count: number): Promise<Answers> {
  const sockets = await Promise.all(Array.from({ length: count }, () => open(url)));
  const answers = Promise.all(sockets.map(read));
  for (const socket of sockets) socket.write('GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
  const drip = setInterval(() => {
    for (const socket of sockets) if (socket.writable) socket.write('x');
  }, DRIP_MS);
  try {
    return counted((await answers).map(statusIn));
  } finally {
    clearInterval(drip);
  }
}
