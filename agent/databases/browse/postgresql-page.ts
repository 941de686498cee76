import type { DatabaseTables } from '#shared/database-browse.ts';
import { mostTables } from './mariadb-page.ts';

/*
 * The questions of the table browser to PostgreSQL. Every function and operator is named with its schema: what the account
 * has made under the same name in another one is not asked.
 */

type Row = readonly (string | null)[];

/** A table as the browser calls it: the same name is always the same table. */
const shownName = `case when n.nspname operator(pg_catalog.=) 'public' then pg_catalog.quote_ident(c.relname)
  else pg_catalog.concat(pg_catalog.quote_ident(n.nspname), '.', pg_catalog.quote_ident(c.relname)) end`;

const ordinary = `n.nspname operator(pg_catalog.!~) '^pg_' and n.nspname operator(pg_catalog.<>) 'information_schema'`;

/** Tables, partitioned ones and their parts, those of other servers, and views of both kinds, that the account may read. */
export const postgresqlTablesSql = `select ${shownName}, c.relkind, c.reltuples::bigint,
    pg_catalog.pg_total_relation_size(c.oid), am.amname
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) c.relnamespace
    left join pg_catalog.pg_am am on am.oid operator(pg_catalog.=) c.relam
  where c.relkind in ('r', 'p', 'v', 'm', 'f') and ${ordinary}
    and pg_catalog.has_schema_privilege(n.oid, 'usage') and pg_catalog.has_table_privilege(c.oid, 'select')
  order by n.nspname operator(pg_catalog.<>) 'public', n.nspname, c.relname limit ${mostTables + 1}`;

export function postgresqlTables(rows: readonly Row[]): DatabaseTables {
  const items = rows.slice(0, mostTables).map(([name, kind, count, size, storage]) => ({
    name: name ?? '',
    kind: kind === 'v' || kind === 'm' ? ('view' as const) : ('table' as const),
    // -1: it was never analysed.
    rows: kind === 'v' || Number(count) < 0 ? null : Number(count),
    sizeBytes: kind === 'v' ? null : Number(size),
    storage: storage ?? null,
    isBroken: false,
  }));
  return { items, isCut: rows.length > mostTables };
}
