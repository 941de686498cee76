import { permissions } from '#shared/access.ts';
import { AppError, type FieldError } from '#shared/errors.ts';
import type { BodyOf } from '#shared/http.ts';
import type { ApiToken, tokensApi } from '#shared/tokens.ts';
import type { Context } from '../../context.ts';
import type { Actor } from '../../core/actor.ts';
import { isAddressRange } from '../../core/auth/addresses.ts';
import { hashOfToken } from '../../core/auth/api-tokens.ts';
import { newId, newToken } from '../../core/id.ts';
import { deleteToken, insertToken, listTokens } from './tokens.store.ts';

type Asker = { readonly actor: Actor; readonly requestId: string };
type TokensContext = Pick<Context, 'db' | 'agent' | 'clock' | 'apiTokens'>;

/** The panel's own limit; the agent has a higher one. */
const maxTokens = 50;
const dayMs = 24 * 60 * 60 * 1000;

/** A new token; its secret exists in clear only here. One for dangerous actions is made known to the agent. */
export async function createToken(
  ctx: TokensContext,
  asker: Asker,
  body: BodyOf<typeof tokensApi.create>,
): Promise<{ token: ApiToken; secret: string }> {
  const { actor } = asker;
  checkBody(actor, body);
  if ((await listTokens(ctx.db, actor.id)).length >= maxTokens) {
    throw new AppError('invalid_request', 'There are too many tokens.', {
      fields: [{ field: 'name', code: 'too_many', params: { max: maxTokens } }],
    });
  }
  const id = newId();
  const secret = `aap_${id}_${newToken()}`;
  const at = ctx.clock.now();
  const expiresAt = at + body.expiresInDays * dayMs;
  const scopes = permissions.filter((permission) => body.scopes.includes(permission));
  const tokenHash = hashOfToken(secret);
  if (body.isElevated) {
    const expires = new Date(expiresAt).toISOString();
    const change = { kind: 'add_token' as const, tokenId: id, tokenHash, permissions: scopes, expiresAt: expires };
    await ctx.agent.call('factors.change', { change }, asker);
  }
  const { name, addresses, isElevated } = body;
  await insertToken(ctx.db, { id, personId: actor.id, name, tokenHash, scopes, addresses, isElevated, at, expiresAt });
  const token = (await listTokens(ctx.db, actor.id)).find((one) => one.id === id);
  if (token === undefined) throw new Error(`the token ${id} was not written down`);
  return { token, secret };
}

/** Ends at once. One for dangerous actions goes from the agent first, which wants a fresh factor for that. */
export async function removeToken(ctx: TokensContext, asker: Asker, tokenId: string): Promise<ApiToken> {
  const token = (await listTokens(ctx.db, asker.actor.id)).find(({ id }) => id === tokenId);
  if (token === undefined) throw new AppError('not_found', 'There is no such token.');
  if (token.isElevated) {
    await ctx.agent.call('factors.change', { change: { kind: 'remove_token', tokenId } }, asker);
  }
  await deleteToken(ctx.db, tokenId);
  ctx.apiTokens.end(tokenId);
  return token;
}

function checkBody(actor: Actor, { scopes, addresses }: BodyOf<typeof tokensApi.create>): void {
  const fields: FieldError[] = [];
  scopes.forEach((scope, index) => {
    if (!actor.permissions.includes(scope)) fields.push({ field: `scopes.${index}`, code: 'not_a_choice' });
  });
  addresses.forEach((range, index) => {
    if (!isAddressRange(range)) fields.push({ field: `addresses.${index}`, code: 'address_invalid' });
  });
  if (fields.length > 0) throw new AppError('invalid_request', 'Some fields are not valid.', { fields });
}
