import type { RowFilters } from '#shared/database-browse.ts';
import type { Bound } from '../wire/bound.ts';
import type { Column, Dialect } from './page.ts';
import { boundOf, fieldWrong } from './values.ts';

/* Which rows are wanted: those that match, and those behind a row. Every value is a parameter. */

/** Columns by which pages go on, the last ones of which no two rows share. */
export type Key = readonly Column[];

const comparisons = { less: '<', at_most: '<=', more: '>', at_least: '>=' } as const;
const patternKinds = new Set(['choice', 'json', 'text']);

/** Adds its value to `values`. Throws errors of the fields `filters.<at>.*`. */
export function filteredBy(
  dialect: Dialect,
  columns: readonly Column[],
  filters: RowFilters,
  at: number,
  values: Bound[],
): string {
  const { column: name, operator, value = '' } = filters[at] ?? {};
  const column = columns.find((each) => each.name === name);
  if (column === undefined || operator === undefined) throw fieldWrong(`filters.${at}.column`, 'not_a_choice');
  const left = `r.${dialect.name(column.name)}`;
  if (operator === 'null' || operator === 'not_null') return `${left} is ${operator === 'null' ? '' : 'not '}null`;
  if (operator === 'contains' || operator === 'begins') {
    if (!patternKinds.has(column.kind)) throw fieldWrong(`filters.${at}.operator`, 'not_a_choice');
    const words = value.replaceAll(/[!%_]/g, (sign) => `!${sign}`);
    values.push({ type: 'text', value: `${operator === 'contains' ? '%' : ''}${words}%` });
    return dialect.matches(column, dialect.placed(values.length));
  }
  if (column.kind === 'other' || column.kind === 'json') throw fieldWrong(`filters.${at}.operator`, 'not_a_choice');
  // MariaDB would compare with nothing at all, and find nothing or everything.
  const isTime = column.kind === 'date' || column.kind === 'datetime';
  if (
    isTime &&
    dialect.areNullsFirst &&
    !/^\d{4}-\d\d?-\d\d?([ T]\d\d?:\d\d?(:\d\d?(\.\d{1,6})?)?)?$/.test(value.trim())
  )
    throw fieldWrong(`filters.${at}.value`, 'row_value_invalid');
  values.push(boundOf(dialect, { ...column, isGenerated: false }, value, `filters.${at}.value`));
  const isPlain = /^[\x20-\x7e]*$/.test(value);
  const right = (isPlain ? dialect.keyed : dialect.compared)(column, values.length);
  if (operator === 'is') return `${left} = ${right}`;
  if (operator === 'is_not') return `not (${dialect.same(left, right)})`;
  return `${left} ${comparisons[operator]} ${right}`;
}

/** Behind the row with these values of the key. */
export function beyond(
  dialect: Dialect,
  key: Key,
  from: readonly (string | null)[],
  order: 'down' | 'up',
  values: Bound[],
): string {
  if (!dialect.comparesRows || key.some(({ isNullable }) => isNullable))
    return stepwise(dialect, key, from, order, values);
  const left = key.map(({ name }) => `r.${dialect.name(name)}`).join(', ');
  const right = key.map((column, at) => {
    values.push(dialect.bound(column, from[at] ?? ''));
    return dialect.keyed(column, values.length);
  });
  return `(${left}) ${order === 'up' ? '>' : '<'} (${right.join(', ')})`;
}

/** Written out: MariaDB finds no place in an index by `(a, b) > (x, y)`, and NULL is neither before nor behind anything. */
function stepwise(
  dialect: Dialect,
  [column, ...others]: Key,
  [value = null, ...rest]: readonly (string | null)[],
  order: 'down' | 'up',
  values: Bound[],
): string {
  if (column === undefined) return 'false';
  const sign = order === 'up' ? '>' : '<';
  const left = `r.${dialect.name(column.name)}`;
  const areNullsFirst = (order === 'up') === dialect.areNullsFirst;
  const behindIt = (): string => stepwise(dialect, others, rest, order, values);
  if (value === null)
    return areNullsFirst
      ? `${left} is not null or (${left} is null and (${behindIt()}))`
      : `${left} is null and (${behindIt()})`;
  const right = (): string => {
    values.push(dialect.bound(column, value));
    return dialect.keyed(column, values.length);
  };
  const after =
    others.length === 0
      ? `${left} ${sign} ${right()}`
      : `${left} ${sign}= ${right()} and (${left} ${sign} ${right()} or (${behindIt()}))`;
  return column.isNullable && !areNullsFirst ? `${left} is null or (${after})` : after;
}
