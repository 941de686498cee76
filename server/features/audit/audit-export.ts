import type { AuditRow } from '#shared/audit.ts';
import type { Context } from '../../context.ts';
import { readAudit, type AuditFilter } from './audit.store.ts';

const maxRows = 50_000;

const columns = [
  'at',
  'sequence',
  'actor',
  'actorId',
  'action',
  'target',
  'outcome',
  'address',
  'requestId',
  'detail',
] as const;

/** The filtered log as one text, newest first. */
export async function exportAudit(
  { db }: Pick<Context, 'db'>,
  filter: AuditFilter,
  format: 'json' | 'csv',
): Promise<string> {
  const pieces: string[] = [];
  for await (const rows of readAudit(db, filter, maxRows)) {
    for (const row of rows) pieces.push(format === 'json' ? JSON.stringify(row) : csvLine(valuesOf(row)));
  }
  if (format === 'json') return `[\n${pieces.join(',\n')}\n]\n`;
  // The mark lets spreadsheets read Arabic as what it is.
  return `\uFEFF${[csvLine(columns), ...pieces].join('\r\n')}\r\n`;
}

function valuesOf(row: AuditRow): string[] {
  return [
    row.at,
    row.sequence === null ? '' : String(row.sequence),
    row.actor.name,
    row.actor.id ?? '',
    row.action,
    row.target,
    row.outcome,
    row.address,
    row.requestId,
    JSON.stringify(row.detail),
  ];
}

function csvLine(values: readonly string[]): string {
  return values.map(csvField).join(',');
}

/** Quoted; what a spreadsheet would run as a formula begins with an apostrophe (OUT-3). */
export function csvField(value: string): string {
  const safe = /^\s*[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/u.test(value) ? `'${value}` : value;
  return `"${safe.replaceAll('"', '""')}"`;
}
