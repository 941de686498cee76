import { ConfigError, finding, reportOf } from '../config/findings.ts';
import type { Environment } from '../environment.ts';
import type { Db } from './schema.ts';

/** A row of `setting` that says: this database is not whole, a move into it was not finished. */
export const moveMark = 'database_move';

export async function isMoveUnfinished(db: Db): Promise<boolean> {
  const row = await db.selectFrom('setting').select('name').where('name', '=', moveMark).executeTakeFirst();
  return row !== undefined;
}

/** The panel does not start on half of its data. Throws ConfigError. */
export async function refuseUnfinishedMove(db: Db, environment: Environment): Promise<void> {
  if (!(await isMoveUnfinished(db))) return;
  throw new ConfigError(reportOf(environment, [finding('error', 'database_move_unfinished', 'DATABASE_URL')]));
}
