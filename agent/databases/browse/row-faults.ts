import type { RowValues } from '#shared/database-rows.ts';
import type { ErrorReason } from '#shared/error-reasons.ts';
import { AppError, type ErrorCode } from '#shared/errors.ts';
import type { FieldCode } from '#shared/field-codes.ts';
import { serverRefused } from '../engines/engine.ts';
import { ServerError } from '../wire/link.ts';
import type { Session } from './session.ts';
import { fieldWrong } from './values.ts';

/* What a server says against a change of a row, as a person can use it. Its own words may hold values: they stay here. */

/** As the values of a change are sent. */
export const valueField = (at: number): string => `values.${at}.value`;

export const rowGone = (): AppError =>
  new AppError('not_found', 'This row is no longer there.', { reason: 'database_row_gone' });

const fieldCodes: Readonly<Record<string, FieldCode>> = {
  1048: 'row_value_needed',
  1264: 'row_value_range',
  1265: 'row_value_invalid',
  1292: 'row_value_invalid',
  1364: 'row_value_needed',
  1366: 'row_value_invalid',
  1367: 'row_value_invalid',
  1406: 'row_value_long',
  22001: 'row_value_long',
  22003: 'row_value_range',
  23502: 'row_value_needed',
};

const referenced = ['in_use', 'database_row_referenced'] as const;

const reasons: Readonly<Record<string, readonly [ErrorCode, ErrorReason]>> = {
  1062: ['already_exists', 'database_row_exists'],
  1142: ['not_allowed', 'database_row_denied'],
  1143: ['not_allowed', 'database_row_denied'],
  1205: ['busy', 'database_row_locked'],
  1213: ['busy', 'database_row_locked'],
  1451: referenced,
  1452: ['in_use', 'database_row_reference'],
  4025: ['in_use', 'database_row_check'],
  23503: ['in_use', 'database_row_reference'],
  23505: ['already_exists', 'database_row_exists'],
  23514: ['in_use', 'database_row_check'],
  40001: ['busy', 'database_row_locked'],
  '40P01': ['busy', 'database_row_locked'],
  42501: ['not_allowed', 'database_row_denied'],
  '55P03': ['busy', 'database_row_locked'],
};

/** The error that a person gets for what the server said; timeouts stay as they are. */
export async function explained(
  session: Session,
  error: ServerError,
  values: RowValues,
  table: string,
): Promise<unknown> {
  const { code } = error;
  const fieldCode = fieldCodes[code] ?? (code.startsWith('22') && code.length === 5 ? 'row_value_invalid' : undefined);
  if (fieldCode !== undefined) {
    const at = /^\d{4}$/.test(code) ? byMessage(error.message, values) : await byTrying(session, error, values, table);
    return at === undefined
      ? new AppError('invalid_request', 'A value does not fit its column.', {
          reason: 'database_row_invalid',
          cause: error,
        })
      : fieldWrong(valueField(at), fieldCode);
  }
  if (code === '57014' || code === '1969') return error;
  // A row that is deleted is the one that is referred to, whichever way the server puts it.
  const found = code === '23503' && values.length === 0 ? referenced : reasons[code];
  if (found === undefined) return serverRefused(code, error);
  const [kind, reason] = found;
  return new AppError(kind, 'The server does not take this change of a row.', { reason, cause: error });
}

/** MariaDB names the column at the end of what it says; before that there may be anything. */
function byMessage(message: string, values: RowValues): number | undefined {
  const at = values.findIndex(({ column }) =>
    [
      ` column '${column}' at row 1`,
      `.\`${column.replaceAll('`', '``')}\` at row 1`,
      ` column '${column}' cannot be null`,
      `Field '${column}' doesn't have a default value`,
      `Column '${column}' cannot be null`,
    ].some((end) => message.endsWith(end)),
  );
  return at === -1 ? undefined : at;
}

/** PostgreSQL does not say which value it was: each is put through the input of its type alone. */
async function byTrying(
  { wire, dialect, structureOf }: Session,
  { more, code }: ServerError,
  values: RowValues,
  table: string,
): Promise<number | undefined> {
  if (more.column !== undefined) {
    const at = values.findIndex(({ column }) => column === more.column);
    return at === -1 ? undefined : at;
  }
  await wire.prepare('rollback');
  const { columns } = await structureOf(table);
  for (const [at, { column: name, value }] of values.entries()) {
    const column = columns.find((each) => each.name === name);
    if (column === undefined || value === null) continue;
    const most = Number(/^character(?: varying)?\((\d+)\)$/.exec(column.type)?.[1] ?? Number.POSITIVE_INFINITY);
    if (code === '22001' && Array.from(value).length > most) return at;
    const isTaken = await wire.bound(`select ($1::${column.type})::text`, [dialect.bound(column, value.trim())]).then(
      () => true,
      (error: unknown) => {
        if (error instanceof ServerError) return false;
        throw error;
      },
    );
    if (!isTaken) return at;
  }
  return undefined;
}

/** MariaDB would have stored something else than was written: rounded, cut. The transaction ends with the session. */
export async function warningsRefused({ wire }: Session, values: RowValues): Promise<void> {
  for (const [, code = '', message = ''] of (await wire.rows('show warnings')).map((row) =>
    row.map((each) => each ?? ''),
  )) {
    const fieldCode = fieldCodes[code];
    if (fieldCode === undefined) continue;
    const at = byMessage(message, values);
    throw at === undefined
      ? new AppError('invalid_request', 'A value does not fit its column.', { reason: 'database_row_invalid' })
      : fieldWrong(valueField(at), 'row_value_rounded');
  }
}

/** What cannot be compared with its column: a filter that was written by a person. */
export const isNotComparable = (code: string): boolean =>
  /^22[0-9A-Z]{3}$/.test(code) || ['42883', '1267', '1292', '1525'].includes(code);
