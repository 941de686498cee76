import type { Where } from '../engines/engine.ts';
import { dropRights, ownerOf, takeFormerRights } from '../engines/postgresql-changes.ts';
import { postgresql } from '../engines/postgresql.ts';
import { writeRecord, type DatabaseRecord } from '../records.ts';
import { unseal } from '../seal.ts';

/** With the lock held: the change comes to its end, or counts as not made. */
export async function settleOwner(where: Where, record: DatabaseRecord): Promise<DatabaseRecord> {
  const { databaseId, name, nextUser, nextPassword, user } = record;
  if (nextUser === null || nextPassword === null) return record;
  const settled = { ...record, nextUser: null, nextPassword: null };
  if ((await ownerOf(where, name)) === nextUser.user) {
    await leave(where, name, user);
    return await writeRecord(where, { ...settled, user: nextUser.user, password: nextPassword });
  }
  const password = await unseal(where, databaseId, nextPassword);
  const isOurs = nextUser.isNew && (await postgresql.isPassword(where, nextUser.user, password)) === true;
  if (isOurs) await postgresql.dropUser(where, nextUser.user);
  return await writeRecord(where, settled);
}

/** The role that had it goes, unless it has something elsewhere. */
async function leave(where: Where, database: string, role: string): Promise<void> {
  if (!(await postgresql.hasUser(where, role))) return;
  if (await postgresql.hasOtherRights(where, role, database)) {
    await takeFormerRights(where, { database, role });
    return;
  }
  await postgresql.lockUser(where, role);
  await dropRights(where, { database, role });
  await postgresql.dropUser(where, role);
}
