/** A multipart form with one video: the file goes to disk, the fields stay small, and silence ends it. */

import { rm } from 'node:fs/promises';
import type { MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { Refusal } from '../http/refusal.ts';
import { type Landed, land } from './landing.ts';

/** Bounds of a form beside its file. */
export const FORM_LIMITS = {
  files: 1,
  fields: 16,
  parts: 20,
  fieldNameSize: 100,
  fieldSize: 64 * 1024,
  headerPairs: 32,
};
const MAX_NAME_CHARACTERS = 255;

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
    for await (const part of request.parts({ limits: { ...FORM_LIMITS, fileSize: maxBytes } })) {
      silence.refresh();
      if (part.type === 'field') {
        if (part.valueTruncated) throw tooLarge(`the field ${part.fieldname}`, FORM_LIMITS.fieldSize);
        fields[part.fieldname] = String(part.value);
      } else if (part.fieldname === 'video') {
        video = await landPart(part, stop.signal);
      } else part.file.resume();
    }
  }

  async function landPart(part: MultipartFile, signal: AbortSignal): Promise<Form['video']> {
    const announced = Number(request.headers['content-length']);
    const landed = await land(part.file, folder, {
      signal,
      announcedBytes: Number.isFinite(announced) ? announced : null,
      onChunk: () => silence.refresh(),
    });
    if (part.file.truncated) {
      await rm(landed.path, { force: true });
      throw tooLarge('the video', maxBytes);
    }
    return { ...landed, name: part.filename?.slice(0, MAX_NAME_CHARACTERS) || null };
  }

  try {
    await Promise.race([readAll(), given.promise]);
    return { fields, video };
  } catch (error) {
    throw translated(error as Error & { code?: string }, maxBytes);
  } finally {
    clearTimeout(silence);
    clearTimeout(limit);
    stop.abort(new Error('the form was read'));
  }
}

function translated(error: Error & { code?: string }, maxBytes: number): Error {
  if (error instanceof Refusal) return error;
  if (error.code === 'FST_REQ_FILE_TOO_LARGE') return tooLarge('the video', maxBytes);
  const isCut =
    error.code === 'FST_MP_PREMATURE_CLOSE' ||
    error.code === 'ERR_STREAM_PREMATURE_CLOSE' ||
    /terminated early|Unexpected end of (multipart|form)/i.test(error.message);
  if (isCut) return new Refusal('UPLOAD_INCOMPLETE', 'the upload ended before its end', { cause: error });
  return error;
}

function tooLarge(what: string, bytes: number): Refusal {
  return new Refusal('BODY_TOO_LARGE', `${what} is over the limit of ${bytes} bytes`, {
    hint: 'Send a smaller file, or raise maxUploadBytes.',
  });
}
