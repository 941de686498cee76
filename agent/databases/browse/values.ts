import { AppError } from '#shared/errors.ts';
import type { FieldCode } from '#shared/field-codes.ts';
import type { Bound } from '../wire/bound.ts';
import type { Column, Dialect } from './page.ts';

/* What a person wrote, checked by the type of its column as far as that can be told without the server. */

/** What is wrong with one of the fields that were sent. */
export function fieldWrong(field: string, code: FieldCode): AppError {
  return new AppError('invalid_request', 'A value does not fit its column.', { fields: [{ field, code }] });
}

const integers = { least: -(2n ** 63n), most: 2n ** 64n - 1n } as const;

/** Throws `row_value_*` for the field. */
export function boundOf(dialect: Dialect, column: Column | undefined, value: string | null, field: string): Bound {
  if (column === undefined || column.isGenerated || column.kind === 'other')
    throw fieldWrong(field, 'row_column_fixed');
  if (value === null) {
    if (!column.isNullable) throw fieldWrong(field, 'row_value_needed');
    return null;
  }
  const { kind, choices } = column;
  const trimmed = value.trim();
  switch (kind) {
    case 'integer': {
      if (!/^[+-]?\d{1,40}$/.test(trimmed)) throw fieldWrong(field, 'row_value_integer');
      const number = BigInt(trimmed.replace('+', ''));
      if (number < integers.least || number > integers.most) throw fieldWrong(field, 'row_value_range');
      return dialect.bound(column, `${number}`);
    }
    case 'decimal':
      if (
        !/^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(trimmed) &&
        !(dialect.comparesRows && /^-?(nan|inf(inity)?)$/i.test(trimmed))
      )
        throw fieldWrong(field, 'row_value_decimal');
      return dialect.bound(column, trimmed);
    case 'bits':
      if (!/^[01]{1,64}$/.test(trimmed)) throw fieldWrong(field, 'row_value_bits');
      return dialect.bound(column, trimmed);
    case 'bytes':
      if (!/^([0-9a-f]{2})*$/i.test(trimmed)) throw fieldWrong(field, 'row_value_bytes');
      return dialect.bound(column, trimmed);
    case 'choice':
      if (!choices.includes(value)) throw fieldWrong(field, 'not_a_choice');
      return dialect.bound(column, value);
    case 'number':
    case 'boolean':
    case 'date':
    case 'time':
    case 'datetime':
      // What the server makes of it is its own affair; nothing is not a value of any of them.
      if (trimmed === '') throw fieldWrong(field, 'row_value_needed');
      return dialect.bound(column, trimmed);
    case 'json':
    case 'text':
      return dialect.bound(column, value);
  }
}
