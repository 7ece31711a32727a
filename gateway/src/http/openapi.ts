/** The OpenAPI document, made of the schemas that the routes check with. */
import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { VERSION } from '../version.ts';

/** Call before any route is added. */
export async function addOpenApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'pose-sidecar gateway',
        version: VERSION,
        description:
          'Human pose for pictures and videos: the addresses of the previous service, and jobs as a resource.',
      },
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer' },
          header: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
        },
      },
    },
    refResolver: { buildLocalReference: (json, _, __, index) => String(json.$id ?? `schema${index}`) },
  });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
}
