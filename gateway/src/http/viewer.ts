/** The page at `/`: what `npm run build` made of web/. It is open to all, as it knows nothing; its requests are not. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic, { type FastifyStaticOptions } from '@fastify/static';
import type { FastifyInstance, RouteOptions } from 'fastify';

/** From src/http and from dist/http alike. */
const FOLDER = join(import.meta.dirname, '..', '..', 'dist', 'web');
/** Seconds; names of assets carry a digest of their content. */
const ASSET_AGE_S = 365 * 86_400;

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "media-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

function files(cacheControl: string): Omit<FastifyStaticOptions, 'root'> {
  return {
    decorateReply: false,
    cacheControl: false,
    setHeaders: (reply) => {
      void reply.header('content-security-policy', POLICY).header('cache-control', cacheControl);
    },
  };
}

/** Call after the result routes, which bring `sendFile`. */
export async function addViewer(app: FastifyInstance): Promise<void> {
  if (!existsSync(join(FOLDER, 'index.html'))) {
    app.log.warn('there is no page at /: it was not built (npm run build -w gateway)');
    return;
  }
  await app.register(async (scope) => {
    scope.addHook('onRoute', (route: RouteOptions) => {
      route.config = { ...route.config, isOpen: true };
    });
    await scope.register(fastifyStatic, {
      ...files('no-cache'),
      root: FOLDER,
      wildcard: false,
      globIgnore: ['assets/**'],
    });
    // Looked for at each request: a page that is built anew while this runs names assets that were not there before.
    await scope.register(fastifyStatic, {
      ...files(`public, max-age=${ASSET_AGE_S}, immutable`),
      root: join(FOLDER, 'assets'),
      prefix: '/assets/',
      index: false,
    });
  });
}
