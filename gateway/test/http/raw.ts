/** Bytes to a socket, for what no HTTP client would send. */
import { connect, type Socket } from 'node:net';

/** Connected to a gateway. */
export function open(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  return new Promise((resolve, reject) =>
    socket.once('connect', () => resolve(socket)).once('error', reject),
  );
}

/** All that comes until the other side closes; an aborted connection is the end too. */
export function read(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  return new Promise((resolve) => {
    const end = () => resolve(Buffer.concat(chunks).toString('latin1'));
    socket.once('close', end).once('error', end);
  });
}

/** Send bytes, close our side or not, and read the answer. */
export async function exchange(
  url: string,
  bytes: string | Uint8Array,
  { ends = true } = {},
): Promise<string> {
  const socket = await open(url);
  const answer = read(socket);
  if (ends) socket.end(bytes);
  else socket.write(bytes);
  return answer;
}

export function statusIn(answer: string): number | null {
  const found = /^HTTP\/1\.1 (\d{3})/.exec(answer);
  return found === null ? null : Number(found[1]);
}
