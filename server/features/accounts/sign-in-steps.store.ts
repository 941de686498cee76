import type { FactorKind } from '#shared/factors.ts';
import { newId } from '../../core/id.ts';
import type { Db } from '../../db/schema.ts';

export const stepMs = 5 * 60 * 1000;
export const maxStepTries = 5;

export type SignInStep = { readonly id: string; readonly personId: string; readonly kinds: readonly FactorKind[] };

/** A right password that waits for its second factor. */
export async function insertStep(
  db: Db,
  step: { personId: string; tokenHash: string; kinds: readonly FactorKind[]; at: number },
): Promise<void> {
  await db
    .insertInto('sign_in_step')
    .values({
      id: newId(),
      person_id: step.personId,
      token_hash: step.tokenHash,
      kinds_json: JSON.stringify(step.kinds),
      tries: 0,
      created_at: step.at,
      expires_at: step.at + stepMs,
    })
    .execute();
}

/** undefined when unknown, over, or tried too often. */
export async function findStep(db: Db, tokenHash: string, now: number): Promise<SignInStep | undefined> {
  const row = await db
    .selectFrom('sign_in_step')
    .select(['id', 'person_id', 'kinds_json'])
    .where('token_hash', '=', tokenHash)
    .where('expires_at', '>', now)
    .where('tries', '<', maxStepTries)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return { id: row.id, personId: row.person_id, kinds: JSON.parse(row.kinds_json) as FactorKind[] };
}

/** Counts a try; false when there were too many, whoever asks at the same moment. */
export async function tryStep(db: Db, id: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('sign_in_step')
    .set(({ eb }) => ({ tries: eb('tries', '+', 1) }))
    .where('id', '=', id)
    .where('tries', '<', maxStepTries)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** True for exactly one caller. */
export async function useStep(db: Db, id: string): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('sign_in_step').where('id', '=', id).executeTakeFirst();
  return numDeletedRows === 1n;
}
