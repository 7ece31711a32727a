/** Finds leases that were not renewed in time, by this process's monotonic clock: no two wall clocks are compared. */

export interface Lease {
  readonly id: string;
  readonly token: string;
  readonly leaseMs: number;
  /** Grows with every renewal. */
  readonly beat: number;
}

interface Sight {
  readonly token: string;
  readonly beat: number;
  readonly atMs: number;
}

export class Silence {
  readonly #nowMs: () => number;
  #sights = new Map<string, Sight>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Note a renewal of our own at the moment it is made. */
  heard({ id, token, beat }: Omit<Lease, 'leaseMs'>): void {
    this.#sights.set(id, { token, beat, atMs: this.#nowMs() });
  }

  /** Of all leases there are, those that did not change for as long as they last. */
  expired<Kind extends Lease>(leases: readonly Kind[]): Kind[] {
    const nowMs = this.#nowMs();
    const sights = new Map<string, Sight>();
    const over = leases.filter(({ id, token, beat, leaseMs }) => {
      const before = this.#sights.get(id);
      const isNews = before === undefined || before.token !== token || before.beat !== beat;
      const sight = isNews ? { token, beat, atMs: nowMs } : before;
      sights.set(id, sight);
      return nowMs - sight.atMs >= leaseMs;
    });
    this.#sights = sights;
    return over;
  }
}
