import { dnsAccountsApi } from '#shared/dns-accounts.ts';
import { route, type App } from '../../core/route.ts';
import { checkScope } from '../certificates/certificates.logic.ts';

export function dnsAccountsRoutes(app: App): void {
  const { ctx } = app;

  route(app, dnsAccountsApi.list, async ({ actor, requestId }) => {
    checkScope(actor);
    return ctx.agent.call('certificates.dns_accounts', {}, { actor, requestId });
  });

  route(app, dnsAccountsApi.put, async ({ params, body, actor, requestId, audit }) => {
    checkScope(actor);
    audit.target = params.accountId;
    audit.detail['after'] = { name: body.name, kind: body.kind };
    const given = { accountId: params.accountId, account: body };
    return ctx.agent.call('certificates.put_dns_account', given, { actor, requestId });
  });

  route(app, dnsAccountsApi.remove, async ({ params, actor, requestId, audit }) => {
    checkScope(actor);
    audit.target = params.accountId;
    await ctx.agent.call('certificates.remove_dns_account', params, { actor, requestId });
  });
}
