/** Tickets for one job's files: a browser's `<video>` and its downloads cannot send an API key. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Seconds; longer than anybody looks at one video. */
export const TICKET_S = 6 * 3_600;

const MAX_CHARACTERS = 100;

export interface Ticket {
  readonly ticket: string;
  /** Epoch seconds. */
  readonly expiresAtS: number;
}

/** Good for this process and for reading the files of the job they were made for, until they expire. */
export class Tickets {
  readonly #secret = randomBytes(32);
  readonly #nowS: () => number;

  constructor(nowS: () => number = () => Date.now() / 1000) {
    this.#nowS = nowS;
  }

  issue(jobId: string): Ticket {
    const expiresAtS = Math.floor(this.#nowS()) + TICKET_S;
    return { ticket: `${expiresAtS}.${this.#sign(jobId, expiresAtS)}`, expiresAtS };
  }

  admits(jobId: unknown, ticket: unknown): boolean {
    if (typeof jobId !== 'string' || typeof ticket !== 'string' || ticket.length > MAX_CHARACTERS)
      return false;
    const expiresAtS = Number(/^(\d{1,12})\./.exec(ticket)?.[1] ?? Number.NaN);
    if (!(expiresAtS > this.#nowS())) return false;
    const expected = Buffer.from(`${expiresAtS}.${this.#sign(jobId, expiresAtS)}`);
    const given = Buffer.from(ticket);
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  #sign(jobId: string, expiresAtS: number): string {
    return createHmac('sha256', this.#secret).update(`${expiresAtS}\0${jobId}`).digest('hex');
  }
}
