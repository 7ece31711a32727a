/** Whose address counts: the connection's, or, behind a proxy that is named, the one that the proxy tells. */
import { afterEach, describe, expect, test } from 'vitest';
import { exchange } from './raw.ts';
import { FIGURES, HAS_PYTHON, type Rig, startGateway } from './rig.ts';

const LIMIT = 5;
let rig: Rig;
afterEach(() => rig?.close());

const start = async (...flags: string[]) => {
  const all = [...FIGURES, '--requests-per-minute', String(LIMIT), ...flags];
  rig = await startGateway(all, { isReady: false });
};
const ask = (forwarded?: string) =>
  rig.get('/v1/jobs?limit=0', forwarded === undefined ? {} : { headers: { 'x-forwarded-for': forwarded } });

/** How many of so many requests, one after another, were within the limit. */
async function allowed(count: number, forwarded: (number: number) => string): Promise<number> {
  let answered = 0;
  for (let number = 0; number < count; number += 1) {
    if ((await ask(forwarded(number))).status !== 429) answered += 1;
  }
  return answered;
}

const clients = () => rig.lines.filter(({ url }) => url === '/v1/jobs').map(({ client }) => client as string);

describe.skipIf(!HAS_PYTHON)('X-Forwarded-For', () => {
  test('is nothing to a gateway that trusts no proxy', async () => {
    await start();
    expect(await allowed(2 * LIMIT, (number) => `203.0.113.${number}`)).toBe(LIMIT);
    await expect.poll(clients).toEqual(Array(2 * LIMIT).fill('127.0.0.1'));
  });

  test('gives each client of a trusted proxy its own limit, and its address to the log', async () => {
    await start('--trust-proxy', '127.0.0.0/8');
    expect(await allowed(2 * LIMIT, (number) => `203.0.113.${number}`)).toBe(2 * LIMIT);
    expect(await allowed(2 * LIMIT, () => '203.0.113.77')).toBe(LIMIT);
    await expect.poll(() => new Set(clients()).size).toBe(2 * LIMIT + 1);
    expect(clients()).toContain('203.0.113.77');
  });

  test('cannot be made up by a client: what the proxy did not add itself does not count', async () => {
    await start('--trust-proxy', '127.0.0.1');
    expect(await allowed(2 * LIMIT, (number) => `198.51.100.${number}, 203.0.113.5`)).toBe(LIMIT);
    await expect.poll(clients).toEqual(Array(2 * LIMIT).fill('203.0.113.5'));
  });

  test('is read through a chain of proxies that are all named', async () => {
    await start('--trust-proxy', '127.0.0.1', '--trust-proxy', '10.0.0.0/8');
    await ask('203.0.113.5, 10.1.2.3');
    await expect.poll(clients).toEqual(['203.0.113.5']);
  });

  test('is nothing from a connection of another address', async () => {
    await start('--trust-proxy', '10.0.0.0/8');
    expect(await allowed(2 * LIMIT, (number) => `203.0.113.${number}`)).toBe(LIMIT);
    await expect.poll(clients).toEqual(Array(2 * LIMIT).fill('127.0.0.1'));
  });

  test.for(['', 'unknown', '203.0.113.5:1234', `${'x'.repeat(4_000)}`, ',,,,', '<script>'])(
    'of %j does not end the request',
    async (forwarded) => {
      await start('--trust-proxy', '127.0.0.1');
      expect((await ask(forwarded)).status).toBe(400); // limit=0 fits no schema
      expect((await ask()).status).toBe(400);
    },
  );

  test('does not open the gateway to a foreign Host', async () => {
    await start('--trust-proxy', '127.0.0.1');
    const from = (host: string, told: string) => {
      const head = `GET /v1/jobs HTTP/1.1\r\nHost: ${host}\r\nX-Forwarded-Host: ${told}\r\n`;
      return exchange(rig.url, `${head}X-Forwarded-For: 127.0.0.1\r\nConnection: close\r\n\r\n`, {
        ends: false,
      });
    };
    expect(await from('evil.example.org', 'localhost')).toMatch(/^HTTP\/1\.1 403 /);
    expect(await from('localhost', 'evil.example.org')).toMatch(/^HTTP\/1\.1 200 /);
  });
});
