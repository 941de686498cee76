import { setTimeout as wait } from 'node:timers/promises';
import type { Transaction } from 'kysely';
import { isDeadlock } from './errors.ts';
import type { Database, Db } from './schema.ts';

const maxTries = 6;

/**
 * Runs `work` in one transaction, and once more when the database ended it as the loser of a deadlock: MySQL and
 * PostgreSQL do so as a matter of course when several people want the same name at once. `work` may run several times:
 * it touches nothing but the database.
 */
export async function inTransaction<T>(db: Db, work: (transaction: Transaction<Database>) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      if (!isDeadlock(error) || tries >= maxTries) throw error;
      // Not all at the same moment again.
      await wait(Math.random() * 20 * tries);
    }
  }
}
