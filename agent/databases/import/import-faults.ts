import type { ErrorReason } from '#shared/error-reasons.ts';
import { AppError } from '#shared/errors.ts';
import { ServerError } from '../wire/link.ts';

/* What is wrong with a file that shall be put into a database, each with its line. */

const wrong = (
  reason: ErrorReason,
  message: string,
  params: Record<string, string | number>,
  cause?: unknown,
): AppError => new AppError('invalid_request', message, { reason, params, ...(cause === undefined ? {} : { cause }) });

export const importFault = {
  cutShort: (line: number): AppError =>
    wrong('database_import_cut_short', 'The file ends in the middle of something.', { line }),
  tooLong: (line: number, mostBytes: number): AppError =>
    wrong('database_import_long', 'A statement is longer than the server takes.', { line, mostBytes }),
  clientCommand: (line: number, name: string): AppError =>
    wrong('database_import_client_command', 'A line is no SQL but a command of a client.', { line, name }),
  otherDatabase: (line: number, name: string): AppError =>
    wrong('database_import_several', 'The file holds more than one database.', { line, name }),
  format: (): AppError => wrong('database_import_format', 'This is no text of SQL.', {}),
  archive: (): AppError => wrong('database_import_archive', 'There is not exactly one SQL file in the archive.', {}),
  noRoom: (neededBytes: number, freeBytes: number): AppError =>
    new AppError('in_use', 'There is not enough room.', {
      reason: 'database_import_no_room',
      params: { neededBytes, freeBytes },
    }),
  cutOff: (): AppError => new AppError('in_use', 'The import was cut off.', { reason: 'database_import_cut_off' }),
} as const;

/** Of MariaDB and of PostgreSQL: the account may not do this. */
const denied = new Set([
  '1044',
  '1045',
  '1142',
  '1143',
  '1227',
  '1370',
  '1410',
  '1419',
  '1290',
  '4166',
  '1148',
  '42501',
]);
const away = /^(57P0[1-3]|08\w{3}|1927|1053|2\d{3})$/;
const mostSaid = 300;

/** What the server said of the statement at this line. */
export function serverFault(error: ServerError, line: number): AppError {
  if (away.test(error.code))
    return new AppError('in_use', 'The database server does not answer.', {
      reason: 'database_server_away',
      cause: error,
    });
  const isDenied = denied.has(error.code);
  const reason = isDenied ? 'database_import_denied' : 'database_import_refused';
  return wrong(
    reason,
    isDenied ? 'The account may not do this.' : 'The server refused a statement.',
    { line, said: said(error.message), code: error.code },
    error,
  );
}

/** What a server or its tool said, as one line of what prints; what a dump holds of people is cut short with it. */
export function said(text: string): string {
  const plain = text.replaceAll(/[\p{C}\s]+/gu, ' ').trim();
  return plain.length > mostSaid ? `${plain.slice(0, mostSaid)}…` : plain;
}
