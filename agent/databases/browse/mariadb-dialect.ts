import { quoted } from '../../backups/dumps/client.ts';
import type { Column, Dialect } from './page.ts';

const name = (of: string): string => quoted('mariadb', of);
const own = ({ name: of }: Pick<Column, 'name'>): string => `r.${name(of)}`;

/** How MariaDB is asked for values. */
export const mariadbDialect: Dialect = {
  name,
  comparesRows: false,
  areNullsFirst: true,
  matches: (column, place) => `${own(column)} like ${place} escape '!'`,
  same: (left, right) => `${left} <=> ${right}`,
  compared: () => '?',
  // Otherwise it is the column that is converted, row by row.
  keyed: ({ charset }) =>
    charset === undefined ? '?' : `convert(? using ${name(charset.name)}) collate ${name(charset.collation)}`,
  placed: () => '?',
  bound({ kind }, value) {
    if (kind === 'bytes') return { type: 'bytes', value };
    if (kind === 'bits') return { type: 'integer', value: `${BigInt(`0b${value}`)}` };
    if (kind === 'integer') return { type: 'integer', value };
    return { type: kind === 'decimal' ? 'decimal' : 'text', value };
  },
  cell(column, characters) {
    const value = own(column);
    if (column.kind === 'bytes') return [`hex(left(${value}, ${characters}))`, `concat(octet_length(${value}))`];
    const text = isShape(column) ? `st_astext(${value})` : column.kind === 'bits' ? `bin(${value} + 0)` : value;
    return [`left(${text}, ${characters})`, `concat(char_length(${text}))`];
  },
  whole: (column) => (column.kind === 'bytes' ? `hex(${own(column)})` : `concat(${own(column)})`),
  digest: (column) => `sha2(cast(${own(column)} as binary), 256)`,
};

const isShape = ({ kind }: Column): boolean => kind === 'other';
