import { sshHostsApi, type SshHost } from '#shared/ssh-hosts.ts';
import { newId } from '../../core/id.ts';
import { route, type App } from '../../core/route.ts';

/** Saved hosts for terminals over SSH. The agent keeps them with their keys, and decides whom it trusts. */
export function sshHostsRoutes(app: App): void {
  const { ctx } = app;
  const options = { isForPeople: true } as const;

  route(
    app,
    sshHostsApi.list,
    ({ actor, requestId }) => ctx.agent.call('terminals.hosts', {}, { actor, requestId }),
    options,
  );

  route(
    app,
    sshHostsApi.create,
    async ({ body, actor, requestId, audit }) => {
      const hostId = newId();
      audit.target = hostId;
      audit.detail['after'] = body;
      const params = { hostId, isNew: true, host: body };
      return (await ctx.agent.call('terminals.put_host', params, { actor, requestId })).host;
    },
    options,
  );

  route(
    app,
    sshHostsApi.update,
    async ({ params: { hostId }, body, actor, requestId, audit }) => {
      const { items } = await ctx.agent.call('terminals.hosts', {}, { actor, requestId });
      const known = items.find(({ id }) => id === hostId);
      if (known !== undefined) audit.detail['before'] = factsOf(known);
      audit.detail['after'] = body;
      const params = { hostId, isNew: false, host: body };
      return (await ctx.agent.call('terminals.put_host', params, { actor, requestId })).host;
    },
    options,
  );

  route(
    app,
    sshHostsApi.remove,
    async ({ params, actor, requestId, audit }) => {
      const { host } = await ctx.agent.call('terminals.remove_host', params, { actor, requestId });
      audit.detail['before'] = factsOf(host);
    },
    options,
  );

  route(
    app,
    sshHostsApi.check,
    async ({ params, actor, requestId, audit }) => {
      const { host, check } = await ctx.agent.call('terminals.check_host', params, { actor, requestId });
      Object.assign(audit.detail, { name: host.name, address: host.address, state: check.state });
      return check;
    },
    options,
  );

  route(
    app,
    sshHostsApi.trust,
    async ({ params: { hostId }, body: { fingerprints }, actor, requestId, audit }) => {
      audit.detail['after'] = { fingerprints };
      const params = { hostId, fingerprints };
      const { host, before } = await ctx.agent.call('terminals.trust_host', params, { actor, requestId });
      const known = before.trusted?.keys.map(({ fingerprint }) => fingerprint) ?? [];
      Object.assign(audit.detail, { name: host.name, before: { fingerprints: known } });
      return host;
    },
    options,
  );
}

function factsOf({ name, address, port, user, auth }: SshHost): Omit<SshHost, 'id' | 'key' | 'trusted'> {
  return { name, address, port, user, auth };
}
