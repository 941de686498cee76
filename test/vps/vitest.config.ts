import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { longestFirst } from '../longest-first.ts';
import { filesToRun } from '../parts.ts';

const results = process.env['AAPANEL_TEST_RESULTS'];

/**
 * Real machines: one file per machine, each file in a process of its own (machines end with it). Three at a time on two
 * cores, because one of them mostly waits.
 */
export default defineConfig({
  test: {
    include: filesToRun(join(import.meta.dirname, '..', '..'), 'machines'),
    globalSetup: ['test/vps/setup.ts'],
    sequence: {
      sequencer: longestFirst(['php.test.ts', 'trixie.test.ts', 'bookworm.test.ts', 'tls.test.ts', 'checkout.test.ts']),
    },
    pool: 'forks',
    maxWorkers: 3,
    fileParallelism: true,
    // What is waited for with a poll may take its time too: by itself vitest gives it a second.
    expect: { poll: { timeout: 20_000 } },
    testTimeout: 600_000,
    hookTimeout: 600_000,
    reporters: results === undefined ? ['verbose'] : ['verbose', 'json'],
    ...(results === undefined ? {} : { outputFile: { json: results } }),
  },
});
