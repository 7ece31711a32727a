/** A multipart form with one video: the file goes to disk, the fields stay small, and silence ends it. */

import type { MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { PoseError } from 'pose-sidecar';
import { Refusal } from '../http/refusal.ts';
import { type Landed, land, videoTooLarge } from './landing.ts';

/** Bounds of a form beside its file. */
export const FORM_LIMITS = {
  files: 1,
  fields: 16,
  parts: 20,
  fieldNameSize: 100,
  fieldSize: 64 * 1024,
  headerPairs: 32,
  // The file is counted where it lands: the parser would read on to the end of a form that is too long.
  fileSize: Number.POSITIVE_INFINITY,
};
/** What a form may add to its file. */
const FORM_BYTES = 1024 ** 2;
const MAX_NAME_CHARACTERS = 255;
/** Codes of a connection that ended in the middle. */
const CUT_OFF: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ERR_STREAM_PREMATURE_CLOSE',
  'FST_MP_PREMATURE_CLOSE',
]);

export interface Form {
  readonly fields: Readonly<Record<string, string>>;
  readonly video: (Landed & { readonly name: string | null }) | null;
}

export interface ReceiveOptions {
  readonly folder: string;
  readonly maxBytes: number;
  /** Milliseconds without a byte. */
  readonly silenceMs: number;
  /** Milliseconds for all of it. */
  readonly limitMs: number;
}

/** Read the form of a request. Throws Refusal; then nothing of it is left on disk. */
export async function receive(request: FastifyRequest, options: ReceiveOptions): Promise<Form> {
  const { folder, maxBytes, silenceMs, limitMs } = options;
  const announcedBytes = announced(request);
  if (announcedBytes !== null && announcedBytes > maxBytes + FORM_BYTES) throw videoTooLarge(maxBytes);
  const stop = new AbortController();
  const tooSlow = (what: string) => () =>
    stop.abort(new Refusal('BODY_TIMEOUT', `the upload ${what}`, { hint: 'Send it again, faster.' }));
  const silence = setTimeout(tooSlow(`was silent for ${silenceMs} ms`), silenceMs);
  const limit = setTimeout(tooSlow(`was not whole after ${limitMs} ms`), limitMs);
  const given = Promise.withResolvers<never>();
  given.promise.catch(() => {});
  stop.signal.addEventListener('abort', () => given.reject(stop.signal.reason), { once: true });
  let video: Form['video'] = null;
  const fields: Record<string, string> = Object.create(null);

  async function readAll(): Promise<void> {
    for await (const part of request.parts({ limits: FORM_LIMITS })) {
      silence.refresh();
      if (part.type === 'field') {
        if (part.valueTruncated) throw fieldTooLarge(part.fieldname);
        fields[part.fieldname] = String(part.value);
      } else if (part.fieldname === 'video') {
        video = await landPart(part, stop.signal);
      } else part.file.resume();
    }
  }

  async function landPart(part: MultipartFile, signal: AbortSignal): Promise<Form['video']> {
    const landed = await land(part.file, folder, {
      signal,
      maxBytes,
      announcedBytes,
      onChunk: () => silence.refresh(),
    });
    return { ...landed, name: part.filename?.slice(0, MAX_NAME_CHARACTERS) || null };
  }

  try {
    await Promise.race([readAll(), given.promise]);
    return { fields, video };
  } catch (error) {
    throw translated(error as Error & { code?: string; statusCode?: number });
  } finally {
    clearTimeout(silence);
    clearTimeout(limit);
    stop.abort(new Error('the form was read'));
  }
}

function announced({ headers }: FastifyRequest): number | null {
  const bytes = Number(headers['content-length'] ?? Number.NaN);
  return Number.isFinite(bytes) ? bytes : null;
}

function translated(error: Error & { code?: string; statusCode?: number }): Error {
  if (error instanceof PoseError) return error;
  const isCut =
    CUT_OFF.has(error.code ?? '') ||
    /terminated early|Unexpected end of (multipart|form)/i.test(error.message);
  if (isCut) return new Refusal('UPLOAD_INCOMPLETE', 'the upload ended before its end', { cause: error });
  // Of the system, or with a status of its own; what is left is the parser's word on the form.
  if (/^E[A-Z]+$/.test(error.code ?? '') || error.statusCode !== undefined) return error;
  return new Refusal('INVALID_REQUEST', `the form cannot be read: ${error.message}`, { cause: error });
}

function fieldTooLarge(name: string): Refusal {
  return new Refusal(
    'BODY_TOO_LARGE',
    `the field ${name} is over the limit of ${FORM_LIMITS.fieldSize} bytes`,
  );
}
