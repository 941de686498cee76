import { z } from 'zod';
import { AppError } from '#shared/errors.ts';
import type { DumpPart } from '../manifest.ts';
import { literal, quoted } from './client.ts';

/*
 * Facts of a database that its dump does not hold: the first line of every dump of ours, covered by the manifest's hash.
 */

const word = z.string().max(200);

export const mariadbHead = z.object({
  charset: z.string().regex(/^[a-z0-9_]+$/),
  collation: z.string().regex(/^[a-z0-9_]+$/),
  /** Accounts that routines, triggers, views and events run as. */
  definers: z.array(z.object({ user: word, host: word })).max(1000),
});
export type MariadbHead = z.infer<typeof mariadbHead>;

export const postgresHead = z.object({
  encoding: word,
  collate: word,
  ctype: word,
  /** `c` of the C library, `i` ICU, `b` built in. */
  provider: word,
  locale: word.nullable(),
  owner: word,
  /** Roles that own something in it or were granted something. */
  roles: z.array(word).max(10_000),
});
export type PostgresHead = z.infer<typeof postgresHead>;

/** Name of the database that a dump was made from. */
export function databaseOf(part: Pick<DumpPart, 'source'>): string {
  return part.source.kind === 'sqlite' ? part.source.path : part.source.database;
}

/** An empty database with the settings of the saved one. */
export function createMariadb(name: string, head: MariadbHead | undefined): string {
  const settings = head === undefined ? '' : ` character set ${head.charset} collate ${head.collation}`;
  return `create database ${quoted('mariadb', name)}${settings};`;
}

/** The same for PostgreSQL; `isPlain`: without its locale, where this machine does not know it. */
export function createPostgres(name: string, head: PostgresHead | undefined, owner: string, isPlain: boolean): string {
  const text = (value: string): string => literal('postgresql', value);
  const base = `create database ${quoted('postgresql', name)} with template = template0 owner = ${quoted('postgresql', owner)}`;
  if (head === undefined) return `${base};`;
  const encoding = ` encoding = ${text(head.encoding)}`;
  if (isPlain) return `${base}${encoding} lc_collate = 'C' lc_ctype = 'C';`;
  const libc = ` lc_collate = ${text(head.collate)} lc_ctype = ${text(head.ctype)}`;
  if (head.locale === null || head.provider === 'c') return `${base}${encoding}${libc};`;
  const other =
    head.provider === 'i' ? `icu icu_locale = ${text(head.locale)}` : `builtin builtin_locale = ${text(head.locale)}`;
  return `${base}${encoding}${libc} locale_provider = ${other};`;
}

/** Databases of the server itself are neither saved nor replaced. */
export function refuseSystemDatabase(engine: 'mariadb' | 'postgresql', name: string): void {
  const system = {
    mariadb: ['mysql', 'information_schema', 'performance_schema', 'sys'],
    postgresql: ['template0', 'template1'],
  };
  if (!system[engine].includes(name.toLowerCase())) return;
  throw new AppError('not_allowed', 'This database belongs to the server itself.', {
    reason: 'backup_source_refused',
    params: { path: name },
  });
}
