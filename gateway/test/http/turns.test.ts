/** Probes before the rest, one request per turn, nothing held of what is done. */
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { Turns, takeTurns } from '../../src/http/turns.ts';
import { open, read } from './raw.ts';

const REQUESTS = 50;

async function listening() {
  const app = fastify();
  takeTurns(app);
  const worked: string[] = [];
  app.get('/probe', { config: { isProbe: true } }, () => 'alive');
  app.get('/chore/:n', ({ params }) => {
    worked.push((params as { n: string }).n);
    return 'done';
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => app.close());
  return { url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`, worked };
}

const get = (path: string, connection = 'close') =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: ${connection}\r\n\r\n`;

/** So many connections that the server has taken: what is written to them now it sees in one look. */
async function openAll(url: string, count: number): Promise<Socket[]> {
  const sockets = await Promise.all(Array.from({ length: count }, () => open(url)));
  for (const socket of sockets) {
    const answer = once(socket, 'data');
    socket.write(get('/probe', 'keep-alive'));
    await answer;
  }
  return sockets;
}

test('a probe that comes last is answered before most of what came with it, and that in its order', async () => {
  const { url, worked } = await listening();
  const sockets = await openAll(url, REQUESTS + 1);
  const answered: number[] = [];
  const answers = sockets.map(async (socket, index) => {
    const answer = await read(socket);
    answered.push(index);
    return answer;
  });
  for (const [index, socket] of sockets.entries())
    socket.write(get(index === REQUESTS ? '/probe' : `/chore/${index}`));
  for (const answer of await Promise.all(answers)) expect(answer).toContain('200 OK');
  expect(answered.indexOf(REQUESTS)).toBeLessThan(REQUESTS / 2);
  expect(worked).toEqual(Array.from({ length: REQUESTS }, (_, index) => String(index)));
});

test('whoever is gone before its turn costs no work', async () => {
  const { url, worked } = await listening();
  const sockets = await openAll(url, REQUESTS);
  for (const socket of sockets) socket.write(get('/chore/gone'));
  for (const socket of sockets) socket.resetAndDestroy();
  const last = await open(url);
  const answer = read(last);
  last.write(get('/chore/last'));
  expect(await answer).toContain('done');
  expect(worked.at(-1)).toBe('last');
  expect(worked.length).toBeLessThan(REQUESTS / 2);
});

test('tasks that were done are let go although the queue is never empty', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const turns = new Turns();
  const done: WeakRef<() => void>[] = [];
  let goesOn = true;
  const again = () => {
    const task = () => {
      if (goesOn) again();
    };
    done.push(new WeakRef(task));
    turns.take(task);
  };
  for (let lane = 0; lane < 3; lane += 1) again();
  for (let count = 0; count < 100; count += 1) await turn();
  collect();
  expect(done.slice(0, 50).filter((task) => task.deref() !== undefined)).toEqual([]);
  goesOn = false;
});
