import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{shared,server,agent,cli,scripts,web,test}/**/*.test.{ts,tsx}'],
    exclude: ['test/e2e/**', 'test/vps/**', 'test/bench/**', '**/node_modules/**'],
    setupFiles: ['test/setup.ts'],
    // Most files wait for processes and timers more than they compute; Vitest alone would leave one of two cores idle.
    maxWorkers: 2,
    // Guards against hanging only: on a machine that two lanes of tests and a build share, everything takes its time.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
