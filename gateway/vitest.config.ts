import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // The page's state is written in runes.
  plugins: [svelte({ configFile: false, compilerOptions: { runes: true } })],
  // Tests start servers and daemons; more files at once only make them wait for each other.
  test: {
    maxWorkers: 2,
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
  },
});
