import { expect, test } from 'vitest';
import { threadWarning } from '../../src/process/spawning-thread.ts';

test('row 68 (the thread faked): a pool in a worker thread is warned of, one in the main thread is not', () => {
  expect(threadWarning(true)).toBeNull();
  expect(threadWarning(false)).toMatch(/daemons end with that thread.*start the pool in the main thread$/);
});
