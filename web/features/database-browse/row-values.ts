import type { TableCell, TableColumn } from './browse.queries.ts';

/* What a person writes into the fields of a row, and what is sent of it. Nothing here loads with another page. */

/** By column. undefined: left as it is, or to the table's own default; null: NULL. */
export type Draft = Readonly<Record<string, string | null | undefined>>;

/** The value as it can be written; undefined where only its beginning is here. */
export function editableOf(cell: TableCell | undefined): string | null | undefined {
  if (cell === undefined) return undefined;
  if (cell === null || typeof cell === 'string') return cell;
  return cell.isBinary && cell.text.length === cell.length * 2 ? cell.text : undefined;
}

/** What was changed, in the order of the columns. */
export function changesOf(
  columns: readonly TableColumn[],
  draft: Draft,
  cells: readonly TableCell[] | undefined,
): { column: string; value: string | null }[] {
  return columns.flatMap(({ name }, at) => {
    const value = draft[name];
    return value === undefined || (cells !== undefined && value === editableOf(cells[at]))
      ? []
      : { column: name, value };
  });
}

const patterns = {
  bits: [/^[01]{1,64}$/, 'row_value_bits'],
  bytes: [/^([0-9a-f]{2})*$/i, 'row_value_bytes'],
  decimal: [/^[+-]?(\d+(\.\d*)?|\.\d+|nan|inf(inity)?)$/i, 'row_value_decimal'],
  integer: [/^[+-]?\d+$/, 'row_value_integer'],
} as const;

/** Key of `errors.fields`, as far as it can be told without the server. */
export function problemOf({ kind, isNullable }: TableColumn, value: string | null) {
  if (value === null) return isNullable ? undefined : 'row_value_needed';
  const text = value.trim();
  if (kind in patterns) {
    const [pattern, code] = patterns[kind as keyof typeof patterns];
    return pattern.test(text) ? undefined : code;
  }
  if (kind === 'json') return isJson(value) ? undefined : 'row_value_invalid';
  return kind !== 'text' && text === '' ? 'row_value_needed' : undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
