/** Free space is told as the system tells it, and not at all where nobody knows. */
import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { watchDisk } from '../../src/metrics/disk.ts';

async function told(dataDir: string): Promise<Map<string, number>> {
  const registry = new Registry();
  watchDisk(registry, { config: { dataDir } });
  const samples = (await registry.metrics())
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(samples.map((line) => [line.split(' ')[0] ?? '', Number(line.split(' ')[1])]));
}

test('the size of the disk, and no more free than that', async () => {
  const { blocks, bsize } = statfsSync(tmpdir());
  const numbers = await told(tmpdir());
  expect(numbers.get('pose_data_bytes')).toBe(blocks * bsize);
  expect(numbers.get('pose_data_free_bytes')).toBeGreaterThan(0);
  expect(numbers.get('pose_data_free_bytes')).toBeLessThanOrEqual(blocks * bsize);
});

test('a folder that is not there is no disk that is full', async () => {
  expect([...(await told(join(tmpdir(), 'pose-no-such-folder')))]).toEqual([]);
});
