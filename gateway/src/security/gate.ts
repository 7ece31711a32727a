/** What every request passes: the Host header, the API key, the rate limit, and the headers of the answer. */
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Config } from '../config/options.ts';
import { Refusal } from '../http/refusal.ts';
import type { ApiKeys } from './api-keys.ts';
import { hasSeveralHosts, isTrustedHost } from './host-name.ts';
import type { Tickets } from './tickets.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** For those who only ask whether somebody is there. */
    isOpen?: boolean;
    /** A ticket of the job `:id` does instead of a key. */
    takesTicket?: boolean;
  }
}

/** Addresses that the rate limit remembers. */
const REMEMBERED_ADDRESSES = 10_000;

/** Call before any route is added. */
export async function addGate(
  app: FastifyInstance,
  config: Config,
  keys: ApiKeys | null,
  tickets: Tickets,
): Promise<void> {
  await app.register(helmet, {
    // Reports show their own pictures and run their own script; nothing is ever loaded from elsewhere.
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        frameAncestors: ["'none'"],
        imgSrc: ["'self'", 'data:'],
        mediaSrc: ["'self'"],
        scriptSrc: ["'unsafe-inline'"],
        styleSrc: ["'unsafe-inline'"],
      },
    },
    strictTransportSecurity: false, // plain HTTP; whoever ends TLS in front of it says this
  });
  if (config.corsOrigins.length > 0) await app.register(cors, { origin: [...config.corsOrigins] });
  app.addHook('onRequest', async (request) => {
    if (hasSeveralHosts(request.raw.rawHeaders)) {
      throw new Refusal('INVALID_REQUEST', 'the request has more than one Host header');
    }
    if (request.routeOptions.config.isOpen) return;
    if (keys !== null) {
      if (!hasTicket(request, tickets)) checkKey(request, keys);
    } else if (!isTrustedHost(request.headers.host, config.allowedHosts)) throw strangeHost(request);
  });
  await app.register(rateLimit, {
    max: config.requestsPerMinute,
    timeWindow: 60_000,
    cache: REMEMBERED_ADDRESSES,
    errorResponseBuilder: (_, { max, ttl }) =>
      new Refusal('RATE_LIMITED', `more than ${max} requests in a minute from this address`, {
        retryAfterS: Math.ceil(ttl / 1000),
        hint: 'Wait, or raise requestsPerMinute.',
      }),
  });
}

function hasTicket({ routeOptions, params, query }: FastifyRequest, tickets: Tickets): boolean {
  if (!routeOptions.config.takesTicket) return false;
  return tickets.admits((params as { id?: unknown }).id, (query as { ticket?: unknown }).ticket);
}

function checkKey({ headers }: FastifyRequest, keys: ApiKeys): void {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  const given = bearer ?? headers['x-api-key'];
  if (typeof given === 'string' && keys.accepts(given)) return;
  throw new Refusal(
    'UNAUTHORIZED',
    given === undefined ? 'an API key is needed' : 'this API key is not valid',
    {
      hint: 'Send it as `Authorization: Bearer <key>` or as `X-API-Key`.',
    },
  );
}

function strangeHost({ headers }: FastifyRequest): Refusal {
  const host = String(headers.host ?? '').slice(0, 100);
  return new Refusal('HOST_NOT_ALLOWED', `this gateway is not called ${JSON.stringify(host)}`, {
    hint: 'Name the domain with --allowed-host, or protect the gateway with --api-keys-file.',
  });
}
