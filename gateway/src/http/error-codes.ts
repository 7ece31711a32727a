/** Every code that an answer may carry, with its status: one table for the answers and for the documents. */
import { ERROR_CODES } from 'pose-sidecar';
import { JOB_ERROR_CODES } from '../jobs/job-error.ts';

/** Codes of the HTTP side; the others are those of protocol/errors.json and of the jobs. */
export const HTTP_ERROR_CODES = {
  WARMING_UP: { retryable: true, meaning: 'No daemon has said READY yet.' },
  SHUTTING_DOWN: { retryable: true, meaning: 'The gateway is ending and takes no new work.' },
  VIDEO_NOT_FOUND: { retryable: false, meaning: 'There is no file of this path.' },
  VIDEO_UNREADABLE: { retryable: false, meaning: 'The file cannot be read, or its content is no video.' },
  PATH_NOT_ALLOWED: { retryable: false, meaning: 'The path leads outside the configured roots.' },
  IMAGE_TOO_LARGE: { retryable: false, meaning: 'The image has more pixels than maxPixels.' },
  BODY_TOO_LARGE: { retryable: false, meaning: 'The request body is over its limit.' },
  BODY_TIMEOUT: { retryable: true, meaning: 'The request body did not come in time.' },
  UPLOAD_INCOMPLETE: { retryable: true, meaning: 'The upload ended before its end.' },
  TOO_MANY_UPLOADS: { retryable: true, meaning: 'As many uploads as maxUploads are under way.' },
  TOO_MANY_BYTES: { retryable: true, meaning: 'The bodies under way take all the memory they may.' },
  TOO_MANY_STREAMS: { retryable: true, meaning: 'As many event streams as the limit are open.' },
  UNSUPPORTED_MEDIA_TYPE: { retryable: false, meaning: 'The content type is not one this route takes.' },
  UNAUTHORIZED: { retryable: false, meaning: 'The request carries no valid API key.' },
  HOST_NOT_ALLOWED: {
    retryable: false,
    meaning: 'The Host header names a domain that is not in allowedHosts.',
  },
  RATE_LIMITED: { retryable: true, meaning: 'This address sent more than requestsPerMinute.' },
  RESULT_GONE: { retryable: false, meaning: 'The files of this result were removed.' },
  NO_RESULT_YET: { retryable: true, meaning: 'The job has no result: it is not completed.' },
  REPORT_FAILED: { retryable: true, meaning: 'The report could not be made.' },
  EXPORT_FAILED: { retryable: true, meaning: 'The export could not be made.' },
  RANGE_NOT_SATISFIABLE: { retryable: false, meaning: 'The file has no such range of bytes.' },
  PATH_TOO_LONG: { retryable: false, meaning: 'A part of the path is longer than any this service has.' },
  ROUTE_NOT_FOUND: { retryable: false, meaning: 'There is no such route.' },
} as const;

export type HttpErrorCode = keyof typeof HTTP_ERROR_CODES;

/** What is not listed here is answered with 500. */
export const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  WARMING_UP: 503,
  SHUTTING_DOWN: 503,
  VIDEO_NOT_FOUND: 400,
  VIDEO_UNREADABLE: 400,
  VIDEO_TOO_LONG: 413,
  PATH_NOT_ALLOWED: 400,
  IMAGE_TOO_LARGE: 413,
  BODY_TOO_LARGE: 413,
  BODY_TIMEOUT: 408,
  UPLOAD_INCOMPLETE: 400,
  TOO_MANY_UPLOADS: 429,
  TOO_MANY_BYTES: 429,
  TOO_MANY_STREAMS: 429,
  UNSUPPORTED_MEDIA_TYPE: 415,
  UNAUTHORIZED: 401,
  HOST_NOT_ALLOWED: 403,
  RATE_LIMITED: 429,
  RESULT_GONE: 410,
  NO_RESULT_YET: 409,
  RANGE_NOT_SATISFIABLE: 416,
  PATH_TOO_LONG: 414,
  ROUTE_NOT_FOUND: 404,
  STORE_UNAVAILABLE: 503,
  STORE_TOO_NEW: 503,
  JOB_NOT_FOUND: 404,
  JOB_FINISHED: 409,
  JOB_NOT_FINISHED: 409,
  IDEMPOTENCY_CONFLICT: 409,
  INVALID_REQUEST: 400,
  DECODE_FAILED: 400,
  FRAME_TOO_LARGE: 413,
  POISON_INPUT: 422,
  QUEUE_FULL: 429,
  // The pool cannot do it now, and may soon: the caller has lost nothing.
  QUEUE_TIMEOUT: 503,
  DEADLINE_EXCEEDED: 503,
  POOL_UNAVAILABLE: 503,
  POOL_CLOSED: 503,
  WORKER_DIED: 503,
  WORKER_UNRESPONSIVE: 503,
  OOM_SUSPECTED: 503,
  NO_RESOURCES: 503,
  NOT_READY: 503,
  DRAINING: 503,
};

export function statusOf(code: string): number {
  return Object.hasOwn(STATUS_OF_CODE, code) ? (STATUS_OF_CODE[code] as number) : 500;
}

export interface CodeFacts {
  readonly code: string;
  readonly status: number;
  readonly retryable: boolean;
  /** Null for the codes of protocol/errors.json, which says it. */
  readonly meaning: string | null;
}

/** One row per code, for the documents. */
export function errorTable(): readonly CodeFacts[] {
  const ours = Object.entries({ ...HTTP_ERROR_CODES, ...JOB_ERROR_CODES });
  const others = Object.entries(ERROR_CODES).map(
    ([code, facts]) => [code, { ...facts, meaning: null }] as const,
  );
  return [...ours, ...others].map(([code, { retryable, meaning }]) => ({
    code,
    status: statusOf(code),
    retryable,
    meaning,
  }));
}
