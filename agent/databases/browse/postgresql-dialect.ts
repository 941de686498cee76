import { quoted } from '../../backups/dumps/client.ts';
import type { Column, Dialect } from './page.ts';

const name = (of: string): string => quoted('postgresql', of);
// A bare name to sort by would be that of a result: of the key as text.
const own = ({ name: of }: Pick<Column, 'name'>): string => `r.${name(of)}`;

/** How PostgreSQL is asked for values. */
export const postgresqlDialect: Dialect = {
  name,
  comparesRows: true,
  areNullsFirst: false,
  matches: (column, place) => `${own(column)}::text ilike ${place}::text escape '!'`,
  same: (left, right) => `${left} is not distinct from ${right}`,
  // Compared as the column is sorted, by operators and collation of its own type.
  compared: ({ type }, at) => `$${at}::${type}`,
  keyed: ({ type }, at) => `$${at}::${type}`,
  placed: (at) => `$${at}`,
  bound: ({ kind }, value) => ({ type: kind === 'bytes' ? 'bytes' : 'text', value }),
  cell(column, characters) {
    const value = own(column);
    return column.kind === 'bytes'
      ? [
          `pg_catalog.upper(pg_catalog.encode(pg_catalog.substring(${value}::bytea, 1, ${characters}), 'hex'))`,
          `pg_catalog.octet_length(${value}::bytea)`,
        ]
      : [`pg_catalog.left(${value}::text, ${characters})`, `pg_catalog.length(${value}::text)`];
  },
  whole: (column) =>
    column.kind === 'bytes' ? `pg_catalog.encode(${own(column)}::bytea, 'hex')` : `${own(column)}::text`,
  digest: (column) => `pg_catalog.encode(pg_catalog.sha256(pg_catalog.textsend(${own(column)}::text)), 'hex')`,
};
