import { expect, test } from 'vitest';
import { freeGpuBytes, gpuIndex } from '../../src/pool/gpu-memory.ts';

const MIB = 1024 * 1024;

test.for([
  ['cuda', 0],
  ['cuda:0', 0],
  ['cuda:3', 3],
  ['CPU', null],
  ['', null],
  ['cuda:x', null],
] as const)('%s is GPU %s', ([device, index]) => {
  expect(gpuIndex(device)).toBe(index);
});

test('what is free on the GPU of the daemon (driver faked)', async () => {
  const query = async () => '100\n2048\n';
  expect(await freeGpuBytes('cuda', query)).toBe(100 * MIB);
  expect(await freeGpuBytes('cuda:1', query)).toBe(2048 * MIB);
  expect(await freeGpuBytes('cuda:2', query)).toBeNull();
});

test('a machine without a driver, or one that answers nonsense, does not hold up a start', async () => {
  expect(await freeGpuBytes('cuda', () => Promise.reject(new Error('ENOENT')))).toBeNull();
  expect(await freeGpuBytes('cuda', async () => 'N/A')).toBeNull();
  expect(await freeGpuBytes('CPU', () => Promise.reject(new Error('never asked')))).toBeNull();
});
