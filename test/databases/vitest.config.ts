import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { compileCache } from '../compile-cache.ts';
import { hasMariadb, hasPostgres } from '../databases.ts';

const results = process.env['AAPANEL_TEST_RESULTS'];

const root = join(import.meta.dirname, '..', '..');

/*
 * The API tests once more on MariaDB and PostgreSQL; the ordinary run has them on SQLite. Every test file of the server
 * that makes an application is taken, except:
 */
const leftOut: Readonly<Record<string, string>> = {
  'server/features/sites/kill.test.ts': 'kills processes at single statements of SQLite, for minutes',
  'server/features/sites/many-sites.test.ts': 'measures time; the figures are those of the default engine',
  'server/core/compression.test.ts': 'does not use the database',
  'server/core/web.test.ts': 'looks at headers and files',
  'server/features/reference/reference.test.ts': 'does not use the database',
  'server/features/sites/follow-log.test.ts': 'looks at log files',
  'server/features/system/system.test.ts': 'looks at the machine',
  'server/openapi.test.ts': 'looks at the code only',
  'server/features/people/databases.test.ts': 'starts its own servers',
  'server/features/sites/databases.test.ts': 'starts its own servers',
};

const files = globSync('server/**/*.test.ts', { cwd: root })
  // Those of the pool and the moves start servers of their own.
  .filter((path) => !path.startsWith('server/db/'))
  .filter((path) => leftOut[path] === undefined)
  .filter((path) => /makeTestApp|startDoorsTest/.test(readFileSync(join(root, path), 'utf8')))
  .toSorted();

const engines = [...(hasMariadb ? ['mysql'] : []), ...(hasPostgres ? ['postgresql'] : [])];

export default defineConfig({
  test: {
    globalSetup: ['test/programs-setup.ts', 'test/databases/setup.ts'],
    // By itself vitest would use one on two cores.
    maxWorkers: 2,
    reporters: results === undefined ? ['default'] : ['default', 'json'],
    ...(results === undefined ? {} : { outputFile: { json: results } }),
    projects: engines.map((engine) => ({
      test: {
        name: engine,
        include: files,
        setupFiles: ['test/setup.ts', 'test/databases/use-server.ts'],
        env: { ...compileCache, TEST_DATABASE: engine },
        retry: 1,
        testTimeout: 60_000,
        hookTimeout: 120_000,
      },
    })),
  },
});
