/** Sockets: every address with every port, or none at all; a port that is taken names its holder. */
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcp } from 'node:net';
import { networkInterfaces } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { resolveConfig } from '../../src/config/resolve.ts';
import { Listeners } from '../../src/listen/listeners.ts';
import { portHolder } from '../../src/listen/port-holder.ts';

const HAS_IPV6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);

async function freePort(): Promise<number> {
  const server = createTcp();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function holder(): Promise<number> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function listen(flags: readonly string[]): Promise<Listeners> {
  const listeners = await Listeners.open(resolveConfig(flags, {}).config, (_, response) =>
    response.end('hello'),
  );
  onTestFinished(() => listeners.close(100));
  return listeners;
}

test('answers on every address and every port', async () => {
  const also = await freePort();
  const { urls } = await listen(['--port', '0', '--also-port', String(also)]);
  expect(urls).toHaveLength(HAS_IPV6 ? 4 : 2);
  for (const url of urls) expect(await (await fetch(url)).text()).toBe('hello');
  expect(urls.filter((url) => url.endsWith(`:${also}`))).toHaveLength(HAS_IPV6 ? 2 : 1);
});

test('an address that this machine lacks is passed over; with no other it is an error', async () => {
  const { urls } = await listen(['--port', '0', '--host', '127.0.0.1,192.0.2.1', '--allow-anonymous']);
  expect(urls).toHaveLength(1);
  await expect(listen(['--port', '0', '--host', '192.0.2.1', '--allow-anonymous'])).rejects.toThrow(
    'EADDRNOTAVAIL',
  );
});

test('a port that is taken is said with its holder, and no socket stays open', async () => {
  const taken = await holder();
  const port = await freePort();
  const error = await listen(['--port', String(port), '--also-port', String(taken)]).catch(
    (reason) => reason,
  );
  expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
  expect(error.message).toContain(`port ${taken} of 127.0.0.1 is taken`);
  if (process.platform === 'linux') expect(error.message).toContain(`by process ${process.pid} (`);
  await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow();
});

test.skipIf(process.platform !== 'linux')('nobody holds a free port', async () => {
  expect(portHolder(await freePort())).toBeNull();
});

test('closing lets an answer end, and cuts what does not after the grace', async () => {
  let answer: () => void = () => {};
  const config = resolveConfig(['--port', '0', '--host', '127.0.0.1'], {}).config;
  const listeners = await Listeners.open(config, (request, response) => {
    if (request.url === '/never') return;
    answer = () => response.end('late');
  });
  const [url = ''] = listeners.urls;
  const late = fetch(`${url}/late`).then((response) => response.text());
  const never = fetch(`${url}/never`).catch(() => 'cut');
  await expect.poll(() => listeners.connections).toBe(2);
  const closed = listeners.close(200);
  answer();
  expect(await late).toBe('late');
  expect(await never).toBe('cut');
  await closed;
  await expect.poll(() => listeners.connections).toBe(0);
});
