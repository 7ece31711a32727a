/** Memory and utilisation of the GPUs, where workers use them. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Gauge, type Registry } from 'prom-client';
import { deviceOf, oneOf } from '../http/legacy/health.ts';
import type { Service } from '../service.ts';

const run = promisify(execFile);

/** Milliseconds. */
const LIMIT_MS = 2_000;
const MIB = 1024 ** 2;
const QUERY = ['--query-gpu=index,memory.used,memory.total,utilization.gpu', '--format=csv,noheader,nounits'];

export interface Gpu {
  readonly index: string;
  readonly usedBytes: number;
  readonly totalBytes: number;
  /** From 0 to 1. */
  readonly utilisation: number;
}

export function watchGpu(registry: Registry, { readiness }: Pick<Service, 'readiness'>): void {
  let asked: Promise<readonly Gpu[]> | null = null;
  /** One question per scrape, whichever number is collected first. */
  const gpus = () => {
    if (deviceOf(oneOf(readiness.pool)) !== 'cuda') return Promise.resolve([]);
    asked ??= readGpus().finally(() => setImmediate(() => (asked = null)));
    return asked;
  };
  gauge('pose_gpu_memory_used_bytes', 'Memory in use on each GPU.', ({ usedBytes }) => usedBytes);
  gauge('pose_gpu_memory_bytes', 'Memory of each GPU.', ({ totalBytes }) => totalBytes);
  gauge('pose_gpu_utilisation', 'Share of time in which each GPU worked.', ({ utilisation }) => utilisation);

  function gauge(name: string, help: string, read: (gpu: Gpu) => number): void {
    new Gauge({
      name,
      help,
      labelNames: ['gpu'],
      registers: [registry],
      async collect() {
        for (const gpu of await gpus()) this.set({ gpu: gpu.index }, read(gpu));
      },
    });
  }
}

/** Empty where the driver's tool is not there or does not answer. */
async function readGpus(): Promise<readonly Gpu[]> {
  try {
    const { stdout } = await run('nvidia-smi', QUERY, { timeout: LIMIT_MS });
    return parseGpus(stdout);
  } catch {
    return [];
  }
}

/** Lines of `index, used MiB, total MiB, utilisation %`; a GPU whose driver does not tell them is left out. */
export function parseGpus(text: string): readonly Gpu[] {
  return text
    .split('\n')
    .map((line) => line.split(',').map((value) => value.trim()))
    .filter((values) => values.length === 4 && values.every((value) => /^\d+(\.\d+)?$/.test(value)))
    .map(([index = '', used, total, percent]) => ({
      index,
      usedBytes: Number(used) * MIB,
      totalBytes: Number(total) * MIB,
      utilisation: Number(percent) / 100,
    }));
}
