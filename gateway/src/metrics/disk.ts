/** Room on the disk that holds jobs, uploads and results. */
import type { StatsFs } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { Gauge, type Registry } from 'prom-client';
import type { Service } from '../service.ts';

export function watchDisk(
  registry: Registry,
  { config }: { readonly config: Pick<Service['config'], 'dataDir'> },
): void {
  let asked: Promise<StatsFs> | null = null;
  /** One question per scrape, whichever number is collected first. */
  const disk = () => {
    asked ??= statfs(config.dataDir).finally(() => setImmediate(() => (asked = null)));
    return asked;
  };
  gauge('pose_data_free_bytes', 'Bytes free for this user where jobs are kept.', 'bavail');
  gauge('pose_data_bytes', 'Size of the disk where jobs are kept.', 'blocks');

  function gauge(name: string, help: string, of: 'bavail' | 'blocks'): void {
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        try {
          const facts = await disk();
          this.set(facts[of] * facts.bsize);
        } catch {
          this.remove(); // a number that is not known is not told
        }
      },
    });
  }
}
