import type { Permission } from '#shared/access.ts';
import type { ApiToken } from '#shared/tokens.ts';
import { readPermissions } from '../../core/auth/rights.ts';
import type { Db } from '../../db/schema.ts';

export async function listTokens(db: Db, personId: string): Promise<ApiToken[]> {
  const rows = await db
    .selectFrom('api_token')
    .selectAll()
    .where('person_id', '=', personId)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    scopes: readPermissions(row.scopes_json),
    addresses: JSON.parse(row.addresses_json) as string[],
    isElevated: row.is_elevated === 1,
    createdAt: iso(row.created_at),
    expiresAt: iso(row.expires_at),
    lastUsedAt: row.last_used_at === null ? null : iso(row.last_used_at),
    lastAddress: row.last_address,
  }));
}

export async function insertToken(
  db: Db,
  token: {
    readonly id: string;
    readonly personId: string;
    readonly name: string;
    readonly tokenHash: string;
    readonly scopes: readonly Permission[];
    readonly addresses: readonly string[];
    readonly isElevated: boolean;
    readonly at: number;
    readonly expiresAt: number;
  },
): Promise<void> {
  await db
    .insertInto('api_token')
    .values({
      id: token.id,
      person_id: token.personId,
      name: token.name,
      token_hash: token.tokenHash,
      scopes_json: JSON.stringify(token.scopes),
      addresses_json: JSON.stringify(token.addresses),
      is_elevated: token.isElevated ? 1 : 0,
      created_at: token.at,
      expires_at: token.expiresAt,
      last_used_at: null,
      last_address: null,
    })
    .execute();
}

export async function deleteToken(db: Db, id: string): Promise<void> {
  await db.deleteFrom('api_token').where('id', '=', id).execute();
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
