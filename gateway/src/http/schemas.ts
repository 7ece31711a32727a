/** Pieces of JSON Schema that several routes share; the OpenAPI document is made of them. */

export const nullable = (type: string, description?: string) => ({
  type: [type, 'null'],
  ...(description === undefined ? {} : { description }),
});

export const epochS = { type: 'number', description: 'epoch seconds' } as const;

export const ERROR_SCHEMA = {
  $id: 'Error',
  type: 'object',
  required: ['error', 'code', 'hint', 'retryable', 'timestamp', 'elapsed_s'],
  properties: {
    error: { type: 'string', description: 'what is wrong, in words' },
    code: { type: 'string', description: 'stable; see the error table' },
    hint: nullable('string', 'the next step'),
    retryable: { type: 'boolean', description: 'may the same request succeed later?' },
    timestamp: epochS,
    elapsed_s: { type: 'number', description: 'seconds since the request came in' },
    job_id: { type: 'string' },
    video_path: { type: 'string' },
    attempt: { type: 'integer' },
    details: nullable('string', 'more about it, on the old routes'),
  },
} as const;

/** Whatever a route sends when all is well, its errors are JSON. */
const ERROR = {
  description: 'an error',
  content: { 'application/json': { schema: { $ref: 'Error#' } } },
} as const;

/** Answers of these statuses carry an error. */
export function errors(...statuses: readonly number[]): Record<number, object> {
  return Object.fromEntries(statuses.map((status) => [status, ERROR]));
}
