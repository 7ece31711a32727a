/** Whatever goes wrong on the way to the gateway and back becomes a sentence, a code and a next step. */
import type { Problem } from './types.ts';

export class ApiFailure extends Error implements Problem {
  override readonly name = 'ApiFailure';
  readonly code: string;
  readonly error: string;
  readonly hint: string | null;
  /** 0 where there was no answer. */
  readonly status: number;

  constructor(status: number, { code, error, hint }: Problem, cause?: unknown) {
    super(`${code}: ${error}`, { cause });
    this.status = status;
    this.code = code;
    this.error = error;
    this.hint = hint;
  }
}

/** An answer that says no; bodies of others than the gateway, such as a proxy, are told by their status. */
export function failureOf(status: number, body: string): ApiFailure {
  try {
    const { code, error, hint } = JSON.parse(body) as Partial<Problem>;
    if (typeof error === 'string' && typeof code === 'string') {
      return new ApiFailure(status, { code, error, hint: hint ?? null });
    }
  } catch {
    // told below
  }
  return new ApiFailure(status, {
    code: `HTTP_${status}`,
    error: `the gateway, or something before it, answered with status ${status}`,
    hint: 'Look into the log of the gateway.',
  });
}

export function unreachable(cause?: unknown): ApiFailure {
  const problem = {
    code: 'UNREACHABLE',
    error: 'the gateway does not answer',
    hint: 'Is it running, and the network up? This page goes on asking.',
  };
  return new ApiFailure(0, problem, cause);
}

/** Of anything that was thrown. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof ApiFailure) return thrown;
  const error = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: 'PAGE_FAILED', error, hint: 'Load the page again.' };
}
