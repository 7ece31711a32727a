/** The sockets of the gateway: every address with every port, all answered by one router. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { PoseError } from 'pose-sidecar';
import type { Config } from '../config/options.ts';
import { answerBrokenRequest } from './broken-request.ts';
import { portHolder } from './port-holder.ts';

/** Of one request head. */
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_HEADERS = 100;
/** Milliseconds an idle connection stays open; longer than common proxies keep theirs. */
const KEEP_ALIVE_MS = 72_000;
/** Between two looks for connections that are too slow. */
const CHECK_MS = 1_000;

type Limits = Pick<
  Config,
  'host' | 'port' | 'alsoPorts' | 'headerTimeoutMs' | 'uploadTimeoutMs' | 'bodyTimeoutMs' | 'maxConnections'
>;

export class Listeners {
  readonly #servers: readonly Server[];
  readonly #sockets: ReadonlySet<Socket>;

  private constructor(servers: readonly Server[], sockets: ReadonlySet<Socket>) {
    this.#servers = servers;
    this.#sockets = sockets;
  }

  /**
   * Listen everywhere, or nowhere. An address family that this machine lacks is passed over, as long as one is left.
   * Throws CONFIG_INVALID, which names the holder of a port that is taken.
   */
  static async open(limits: Limits, answer: RequestListener): Promise<Listeners> {
    const servers: Server[] = [];
    const sockets = new Set<Socket>();
    let { port } = limits;
    try {
      for (const address of limits.host) {
        const server = newServer(limits, answer, sockets);
        if (!(await listen(server, address, port, limits.host.length > 1))) continue;
        servers.push(server);
        // A free port that was chosen for the first address is that of the others too.
        if (port === 0) port = (server.address() as AddressInfo).port;
      }
      for (const also of limits.alsoPorts) {
        for (const address of limits.host) {
          const server = newServer(limits, answer, sockets);
          if (await listen(server, address, also, limits.host.length > 1)) servers.push(server);
        }
      }
      if (servers.length === 0)
        throw new PoseError('CONFIG_INVALID', `this machine has none of ${limits.host.join(', ')}`);
    } catch (error) {
      for (const server of servers) server.close();
      throw error;
    }
    return new Listeners(servers, sockets);
  }

  /** As `http://127.0.0.1:5000`. */
  get urls(): readonly string[] {
    return this.#servers.map((server) => {
      const { address, family, port } = server.address() as AddressInfo;
      return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
    });
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** Take no new connections, let answers that are under way end, and cut what is left after `graceMs`. */
  async close(graceMs: number): Promise<void> {
    const ended = this.#servers.map(
      (server) => new Promise<void>((resolve) => server.close(() => resolve())),
    );
    for (const server of this.#servers) server.closeIdleConnections();
    const cut = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, graceMs);
    await Promise.all(ended);
    clearTimeout(cut);
  }
}

function newServer(limits: Limits, answer: RequestListener, sockets: Set<Socket>): Server {
  const server = createServer(
    {
      headersTimeout: limits.headerTimeoutMs,
      requestTimeout: Math.max(limits.uploadTimeoutMs, limits.headerTimeoutMs),
      connectionsCheckingInterval: Math.min(CHECK_MS, limits.headerTimeoutMs),
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    answer,
  );
  server.maxHeadersCount = MAX_HEADERS;
  server.maxConnections = limits.maxConnections;
  server.on('clientError', answerBrokenRequest);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return server;
}

/** False where the machine has no such address and may do without. */
function listen(server: Server, host: string, port: number, mayLack: boolean): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (mayLack && (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT')) resolve(false);
      else reject(error.code === 'EADDRINUSE' ? taken(host, port) : error);
    });
    server.listen({ host, port, ipv6Only: true }, () => {
      server.removeAllListeners('error');
      resolve(true);
    });
  });
}

function taken(host: string, port: number): PoseError {
  const holder = portHolder(port);
  return new PoseError(
    'CONFIG_INVALID',
    `port ${port} of ${host} is taken${holder === null ? '' : ` by ${holder}`}`,
    {
      hint: `End that process, or choose another port with --port.`,
    },
  );
}
