/** Sends a video. With XMLHttpRequest, as fetch tells nothing of what has gone out. */
import { failureOf, unreachable } from './failure.ts';
import { authorization, session } from './session.svelte.ts';
import type { Job } from './types.ts';

export interface UploadOptions {
  readonly signal: AbortSignal;
  /** Share of the bytes that went out, in [0, 1]. */
  readonly onShare: (share: number) => void;
}

/** The job that was made of it. Throws ApiFailure, and the signal's reason. */
export function upload(file: File, { signal, onShare }: UploadOptions): Promise<Job> {
  const { promise, resolve, reject } = Promise.withResolvers<Job>();
  const form = new FormData();
  form.append('video', file, file.name);
  const sending = new XMLHttpRequest();
  sending.open('POST', '/v1/jobs');
  for (const [name, value] of Object.entries(authorization())) sending.setRequestHeader(name, value);
  sending.upload.onprogress = ({ loaded, total }) => onShare(total > 0 ? loaded / total : 0);
  sending.onerror = () => reject(unreachable());
  sending.onload = () => {
    const { status, responseText } = sending;
    if (status === 401) session.refuse();
    if (status === 202) resolve(JSON.parse(responseText) as Job);
    else reject(failureOf(status, responseText));
  };
  sending.onabort = () => reject(signal.reason);
  signal.addEventListener('abort', () => sending.abort(), { once: true });
  sending.send(form);
  return promise;
}
