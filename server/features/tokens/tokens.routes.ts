import { tokensApi } from '#shared/tokens.ts';
import { route, type App } from '../../core/route.ts';
import { createToken, removeToken } from './tokens.logic.ts';
import { listTokens } from './tokens.store.ts';

export function tokensRoutes(app: App): void {
  const { ctx } = app;

  route(app, tokensApi.list, async ({ actor }) => ({ items: await listTokens(ctx.db, actor.id) }), {
    isForPeople: true,
  });

  route(
    app,
    tokensApi.create,
    async ({ body, actor, requestId, audit }) => {
      const made = await createToken(ctx, { actor, requestId }, body);
      audit.target = made.token.id;
      const { name, scopes, addresses, isElevated, expiresAt } = made.token;
      audit.detail['after'] = { name, scopes, addresses, isElevated, expiresAt };
      return made;
    },
    { isForPeople: true, isElevated: true, isAnswerSecret: true },
  );

  route(
    app,
    tokensApi.remove,
    async ({ params, actor, requestId, audit }) => {
      const { name } = await removeToken(ctx, { actor, requestId }, params.tokenId);
      audit.detail['before'] = { name };
    },
    { isForPeople: true },
  );
}
