import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { compileCache } from '../compile-cache.ts';
import { longestFirst } from '../longest-first.ts';
import { filesToRun } from '../parts.ts';
import { hasMariadb, hasPostgres } from '../databases.ts';

const results = process.env['AAPANEL_TEST_RESULTS'];

const files = filesToRun(join(import.meta.dirname, '..', '..'), 'databases');

const engines = [...(hasMariadb ? ['mysql'] : []), ...(hasPostgres ? ['postgresql'] : [])];

export default defineConfig({
  test: {
    globalSetup: ['test/programs-setup.ts', 'test/databases/setup.ts'],
    // By itself vitest would use one on two cores.
    // They mostly wait for the two servers.
    maxWorkers: 6,
    // Half of the processor time went into loading the server anew for every file.
    isolate: false,
    sequence: {
      sequencer: longestFirst(['certificates/certificates.test.ts', 'authorisation.test.ts', 'jobs/jobs.test.ts']),
    },
    reporters: results === undefined ? ['default'] : ['default', 'json'],
    ...(results === undefined ? {} : { outputFile: { json: results } }),
    projects: engines.map((engine) => ({
      test: {
        name: engine,
        include: files,
        setupFiles: ['test/setup.ts', 'test/databases/use-server.ts'],
        env: { ...compileCache, TEST_DATABASE: engine },
        retry: 1,
        // What is waited for with a poll may take its time too: by itself vitest gives it a second.
        expect: { poll: { timeout: 20_000 } },
        testTimeout: 60_000,
        hookTimeout: 120_000,
      },
    })),
  },
});
