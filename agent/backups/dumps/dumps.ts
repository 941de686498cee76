import type { DumpPart } from '../manifest.ts';
import type { BackupWork, Dump, Dumps } from '../work.ts';
import { openMariadbDump } from './mariadb-dump.ts';
import { placeOf } from './place.ts';
import { openPostgresDump } from './postgres-dump.ts';
import { proveDump } from './prove.ts';
import { recoverDumps, restoreDump } from './restore.ts';
import { openSqliteDump } from './sqlite-dump.ts';

async function open(work: BackupWork, source: DumpPart['source']): Promise<Dump> {
  const place = await placeOf(work, source);
  if (place.engine === 'sqlite') return await openSqliteDump(work, place.path);
  return place.engine === 'mariadb' ? await openMariadbDump(work, place) : await openPostgresDump(work, place);
}

/** Databases in, databases out: one function per verb, the engine inside. */
export const dumps: Dumps = { open, restore: restoreDump, prove: proveDump, recover: recoverDumps };
