/** The OpenAPI document, made of the schemas that the routes check with. */
import swagger from '@fastify/swagger';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { VERSION } from '../version.ts';
import { errors } from './schemas.ts';

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
  app.addHook('onRoute', (route) => {
    if (route.schema !== undefined)
      route.schema.response = { ...errors(...sharedStatuses(route)), ...(route.schema.response as object) };
  });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
}

/** Of errors that no route throws itself: they come from the gate, and from the checks of what was asked. */
function sharedStatuses({ url, schema, config }: RouteOptions): number[] {
  const { querystring, body, headers } = schema ?? {};
  const hasParams = url.includes(':');
  return [
    ...(config?.isOpen ? [] : [401, 403]),
    ...(config?.rateLimit === false ? [] : [429]),
    ...(hasParams || querystring || body || headers ? [400] : []),
    ...(hasParams ? [414] : []),
  ];
}
