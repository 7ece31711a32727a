/** What does not fit a route's schema, in words. */
import type { FastifySchemaValidationError } from 'fastify';
import { shown } from '../config/kinds.ts';

/** As Ajv gives it with `verbose`. */
type Misfit = FastifySchemaValidationError & { readonly data?: unknown };

/** Where values are listed, the list: Ajv's own words keep it to themselves. */
export function misfitsInWords(misfits: readonly Misfit[], where: string): Error {
  const said = misfits.map(({ instancePath, keyword, params, message, data }) => {
    const place = `${where}${instancePath}`;
    if (keyword !== 'enum') return `${place} ${message}`;
    return `${place} must be one of ${(params.allowedValues as unknown[]).join(', ')}, got ${shown(data)}`;
  });
  return new Error(said.join(', '));
}
