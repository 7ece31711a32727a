import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Every test starts processes; more files at once only make them wait for each other.
    maxWorkers: 2,
    projects: [
      {
        // Packs, installs into an empty folder and downloads what a user's first minutes download. First, because it
        // is the longest file and mostly waits: the others run beside it.
        test: {
          name: 'packaging',
          include: ['test/packaging/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          name: 'client',
          include: ['test/**/*.test.ts'],
          exclude: ['test/packaging/**'],
          testTimeout: 30_000,
          // Processes start slowly on a machine that does other things as well.
          expect: { poll: { timeout: 10_000 } },
        },
      },
    ],
  },
});
