import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{shared,server,agent,cli,scripts,web,test}/**/*.test.{ts,tsx}'],
    exclude: ['test/e2e/**', 'test/vps/**', 'test/bench/**', '**/node_modules/**'],
    setupFiles: ['test/setup.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
