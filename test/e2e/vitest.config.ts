import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { compileCache } from '../compile-cache.ts';
import { longestFirst } from '../longest-first.ts';
import { filesToRun } from '../parts.ts';

const results = process.env['AAPANEL_TEST_RESULTS'];

/** A person at the browser. One Chromium for all files, one panel per file. */
export default defineConfig({
  test: {
    // Once more after a failure: a browser on a busy machine may miss a moment.
    retry: 1,
    env: compileCache,
    include: filesToRun(join(import.meta.dirname, '..', '..'), 'browser'),
    globalSetup: ['test/programs-setup.ts', 'test/e2e/setup.ts'],
    setupFiles: ['test/e2e/each.ts'],
    sequence: {
      sequencer: longestFirst(['screens-2.test.ts', 'screens-1.test.ts', 'backups.test.ts', 'factors.test.ts']),
    },
    pool: 'forks',
    maxWorkers: 2,
    isolate: false,
    // What is waited for with a poll may take its time too: by itself vitest gives it a second.
    expect: { poll: { timeout: 20_000 } },
    testTimeout: 90_000,
    hookTimeout: 90_000,
    reporters: results === undefined ? ['verbose'] : ['verbose', 'json'],
    ...(results === undefined ? {} : { outputFile: { json: results } }),
  },
});
