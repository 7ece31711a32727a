/** An answer that says no: the code decides the status. */
import { PoseError } from 'pose-sidecar';
import { HTTP_ERROR_CODES, type HttpErrorCode } from './error-codes.ts';

export interface RefusalOptions {
  readonly hint?: string;
  readonly cause?: unknown;
  /** Seconds after which trying again makes sense. */
  readonly retryAfterS?: number;
  /** Fields that this route's clients look for. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

export class Refusal extends PoseError {
  override name = 'Refusal';
  readonly retryAfterS: number | null;
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(
    code: HttpErrorCode | 'INVALID_REQUEST' | 'VIDEO_TOO_LONG' | 'QUEUE_FULL' | 'POOL_UNAVAILABLE',
    sentence: string,
    options: RefusalOptions = {},
  ) {
    const { hint, cause, retryAfterS, fields } = options;
    const retryable =
      Object.hasOwn(HTTP_ERROR_CODES, code) && HTTP_ERROR_CODES[code as HttpErrorCode].retryable;
    super(code, sentence, { hint, cause, ...(retryable ? { retryable } : {}) });
    this.retryAfterS = retryAfterS ?? null;
    this.fields = fields ?? {};
  }
}

/** The sentence of an error, without its code, its next step and a daemon's last words. */
export function sentenceOf({ code, message }: PoseError): string {
  const sentence = message.startsWith(`${code}: `) ? message.slice(code.length + 2) : message;
  return sentence.split(/\nNext step: |\nIts last words:\n/)[0] ?? sentence;
}
