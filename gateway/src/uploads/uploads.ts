/** Uploads of this gateway: so many at once, in a folder that is kept within bounds. */
import type { FastifyRequest } from 'fastify';
import type { Config } from '../config/options.ts';
import { Refusal } from '../http/refusal.ts';
import type { JobState, JobStore } from '../jobs/job.ts';
import { MAX_PAGE } from '../jobs/job.ts';
import { pruneUploads, touch } from './keeper.ts';
import { type Form, receive } from './receive.ts';

const RETRY_AFTER_S = 5;

type Settings = Pick<
  Config,
  'maxUploads' | 'maxUploadBytes' | 'bodyTimeoutMs' | 'uploadTimeoutMs' | 'keepS' | 'keepBytes'
>;

export class Uploads {
  readonly folder: string;
  readonly #settings: Settings;
  readonly #store: Pick<JobStore, 'list'>;
  #underWay = 0;

  constructor(folder: string, settings: Settings, store: Pick<JobStore, 'list'>) {
    this.folder = folder;
    this.#settings = settings;
    this.#store = store;
  }

  get underWay(): number {
    return this.#underWay;
  }

  /** Throws TOO_MANY_UPLOADS, and what is wrong with the form. */
  async receive(request: FastifyRequest): Promise<Form> {
    const { maxUploads, maxUploadBytes, bodyTimeoutMs, uploadTimeoutMs } = this.#settings;
    if (!request.isMultipart()) {
      throw new Refusal('UNSUPPORTED_MEDIA_TYPE', 'a video is uploaded as multipart/form-data', {
        hint: 'For instance: curl -F role=rider -F video=@ride.mp4 …',
      });
    }
    if (this.#underWay >= maxUploads) {
      throw new Refusal(
        'TOO_MANY_UPLOADS',
        `${this.#underWay} uploads are under way, the limit is ${maxUploads}`,
        {
          retryAfterS: RETRY_AFTER_S,
        },
      );
    }
    this.#underWay += 1;
    try {
      const form = await receive(request, {
        folder: this.folder,
        maxBytes: maxUploadBytes,
        silenceMs: bodyTimeoutMs,
        limitMs: uploadTimeoutMs,
      });
      if (form.video !== null) await touch(form.video.path);
      return form;
    } finally {
      this.#underWay -= 1;
    }
  }

  /** Drop what is too old or too much. Files of jobs that wait or run stay. */
  prune(): Promise<string[]> {
    const { keepS, keepBytes } = this.#settings;
    const inUse = new Set([...this.#paths('queued'), ...this.#paths('processing')]);
    return pruneUploads(this.folder, { maxAgeS: keepS, maxBytes: keepBytes, inUse, nowS: Date.now() / 1000 });
  }

  #paths(state: JobState): string[] {
    const paths: string[] = [];
    let after: string | null = null;
    do {
      const page = this.#store.list({ state, limit: MAX_PAGE, ...(after === null ? {} : { after }) });
      paths.push(...page.jobs.map(({ videoPath }) => videoPath));
      ({ after } = page);
    } while (after !== null);
    return paths;
  }
}
