import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Part } from './kept/inputs.ts';

/*
 * Which test files belong to which part of bin/test, and which of them are left out of a run because nothing that they
 * depend on has changed since they passed (test/kept).
 */

const fast = '{shared,server,agent,cli,scripts,web,test}/**/*.test.{ts,tsx}';

/**
 * The API tests once more on MariaDB and PostgreSQL; the ordinary run has them on SQLite. Every test file of the server
 * that makes an application is taken, except:
 */
const notOnDatabases: Readonly<Record<string, string>> = {
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

const isFast = (path: string): boolean => !/^test\/(?:e2e|vps|bench)\//.test(path);

function isOnDatabases(root: string, path: string): boolean {
  // Those of the pool and the moves start servers of their own.
  if (!path.startsWith('server/') || path.startsWith('server/db/') || notOnDatabases[path] !== undefined) return false;
  return /makeTestApp|startDoorsTest/.test(readFileSync(join(root, path), 'utf8'));
}

/** Relative to the root, sorted. */
export function testFiles(root: string, part: Part): string[] {
  const find = (pattern: string): string[] => globSync(pattern, { cwd: root }).sort();
  if (part === 'browser') return find('test/e2e/**/*.test.ts');
  if (part === 'machines') return find('test/vps/**/*.test.ts');
  if (part === 'databases') return find('server/**/*.test.ts').filter((path) => isOnDatabases(root, path));
  return find(fast).filter((path) => isFast(path));
}

/** Those of `testFiles` that this run is to run: all, unless AAPANEL_KEPT names the plan of test/kept. */
export function filesToRun(root: string, part: Part): string[] {
  const plan = process.env['AAPANEL_KEPT'];
  if (plan === undefined || plan === '') return testFiles(root, part);
  const { results, passed = {} } = JSON.parse(readFileSync(plan, 'utf8')) as Record<string, Record<string, unknown>>;
  return testFiles(root, part).filter((path) => results?.[path] === undefined && passed[path] === undefined);
}
