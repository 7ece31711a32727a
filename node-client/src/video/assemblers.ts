/** The daemons that assemble videos: one for each video in work, and one kept warm for the next. */
import type { SingleDaemon } from '../pool/single.ts';

/** A daemon that assembled nothing for so long is ended. */
export const IDLE_MS = 60_000;

export class Assemblers {
  readonly #open: () => SingleDaemon;
  readonly #inUse = new Set<SingleDaemon>();
  /** Given back or idle for too long, and not gone yet. */
  readonly #ending = new Set<Promise<void>>();
  #idle: SingleDaemon | null = null;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(open: () => SingleDaemon) {
    this.#open = open;
  }

  /** A daemon for one video; closing it gives it back. */
  take(): SingleDaemon {
    clearTimeout(this.#timer);
    const daemon = this.#idle ?? this.#open();
    this.#idle = null;
    this.#inUse.add(daemon);
    return { submit: (settings) => daemon.submit(settings), close: () => this.#giveBack(daemon) };
  }

  /** End them all. Never throws, bounded in time. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const all = [...this.#inUse, ...(this.#idle === null ? [] : [this.#idle])];
    this.#idle = null;
    await Promise.all([...this.#ending, ...all.map((daemon) => daemon.close())]);
  }

  async #giveBack(daemon: SingleDaemon): Promise<void> {
    if (!this.#inUse.delete(daemon)) return;
    if (this.#closed || this.#idle !== null) {
      await this.#end(daemon);
      return;
    }
    this.#idle = daemon;
    this.#timer = setTimeout(() => {
      this.#idle = null;
      void this.#end(daemon);
    }, IDLE_MS).unref();
  }

  #end(daemon: SingleDaemon): Promise<void> {
    const ending = daemon.close().finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
    return ending;
  }
}
