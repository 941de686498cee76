import { AppError } from '#shared/errors.ts';
import type { SiteFileDatabase } from '#shared/site-files.ts';
import type { Machine } from '../core/machine.ts';
import { findExported } from '../databases/export/choice.ts';
import { openDump } from '../databases/export/dump.ts';
import { getReady, type DatabaseRecord } from '../databases/records.ts';
import { storePacked } from './pack-files.ts';
import type { PackedDatabase } from './site-file.ts';

/*
 * Dumps of the databases of a site for its file: the server's own dump program as the account of the database, straight into
 * a compressed file of our own.
 */

/** Throws `database_unknown` for one that is not of this site, and `database_under_way`. */
export function checkOfSite(
  where: Pick<Machine, 'stateFolder'>,
  siteId: string,
  databaseIds: readonly string[],
): DatabaseRecord[] {
  return [...new Set(databaseIds)].map((databaseId) => {
    const record = getReady(where, databaseId);
    if (record.siteId === siteId) return record;
    throw new AppError('not_found', 'There is no such database.', { reason: 'database_unknown' });
  });
}

type Dumping = {
  readonly record: DatabaseRecord;
  readonly to: string;
  readonly signal: AbortSignal;
  readonly mostBytes: number;
  readonly say: (line: string) => void;
};

/** Throws `database_export_*`, `database_server_*`, `disk_full`, `site_export_too_large`. */
export async function dumpForFile(
  where: Pick<Machine, 'prefix' | 'stateFolder'>,
  { record, to, signal, mostBytes, say }: Dumping,
): Promise<PackedDatabase> {
  const wish = { format: 'sql', what: 'all', tables: null } as const;
  const { leftOut } = await findExported(where, record, wish);
  for (const view of leftOut) say(`${record.name}: left out, a view that cannot be read any more: ${view}`);
  let bytes = 0;
  const dump = await openDump(
    where,
    record,
    { wish, leftOut },
    { onBytes: (count) => (bytes += count), onEnd: () => undefined },
  );
  try {
    const packed = await storePacked(dump, { to, signal, mostBytes });
    say(`${record.name}: ${bytes} bytes of SQL.`);
    return { ...factsOf(record), bytes, ...packed };
  } finally {
    dump.destroy();
  }
}

function factsOf({ engine, name, user, charset, collation }: DatabaseRecord): Omit<SiteFileDatabase, 'bytes'> {
  return { engine, name, user, charset: charset as SiteFileDatabase['charset'], collation };
}
