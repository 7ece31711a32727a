/** Files that are made before they come: asked for in words first, so that a refusal is no broken download. */
import { fileAddress, getTicket, request } from '../api/client.ts';
import { problemOf } from '../api/failure.ts';
import type { Problem } from '../api/types.ts';
import type { Download } from './downloads.ts';

export class Making {
  /** Under way, in the order in which they were asked for. */
  under: readonly Download[] = $state.raw([]);
  problem: Problem | null = $state.raw(null);
  readonly #id: string;
  readonly #end = new AbortController();

  constructor(id: string) {
    this.#id = id;
  }

  /** Have it made and downloaded, once, however often it is asked for meanwhile. */
  async take(download: Download, query: Readonly<Record<string, string>>): Promise<void> {
    if (this.under.includes(download)) return;
    const { signal } = this.#end;
    this.problem = null;
    this.under = [...this.under, download];
    try {
      const address = fileAddress(this.#id, download.file, await getTicket(this.#id, signal), query);
      const answer = await request(address, { signal });
      await answer.body?.cancel(); // it is there now, and the browser knows better how to keep it
      save(address);
    } catch (failure) {
      if (!signal.aborted) this.problem = problemOf(failure);
    } finally {
      this.under = this.under.filter((other) => other !== download);
    }
  }

  /** Whoever leaves waits for nothing more, and the gateway ends the work. */
  close(): void {
    this.#end.abort();
  }
}

function save(address: string): void {
  const link = document.createElement('a');
  link.href = address;
  link.download = '';
  link.click();
}
