import type { ReachedTerminal } from '#shared/agent/terminals.ts';
import { AppError } from '#shared/errors.ts';
import type { BodyOf } from '#shared/http.ts';
import { terminalsApi } from '#shared/terminals.ts';
import { canSeeSite, type Actor } from '../../core/actor.ts';
import type { AuditEntry } from '../../core/audit.ts';
import { route, type App } from '../../core/route.ts';
import { getVisibleSite } from '../sites/sites.logic.ts';
import { recordRefusals, serveTerminal, type TerminalTicket } from './terminal-socket.ts';
import { watchTerminalEnds } from './terminal-ends.ts';
import { createTerminalTickets } from './terminal-tickets.ts';

export function terminalsRoutes(app: App): void {
  const { ctx } = app;
  const ends = watchTerminalEnds(ctx);
  app.server.addHook('onClose', (_server, done) => {
    ends.close();
    done();
  });
  const tickets = createTerminalTickets<TerminalTicket>(() => ctx.clock.now());

  /** Those of sites that the person may no longer see are not there. */
  async function visible(actor: Actor, requestId: string) {
    const { items, recording } = await ctx.agent.call('terminals.list', {}, { actor, requestId });
    return { items: items.filter(({ siteId }) => siteId === null || canSeeSite(actor, siteId)), recording };
  }

  async function getVisible(terminalId: string, actor: Actor, requestId: string): Promise<ReachedTerminal> {
    const found = (await visible(actor, requestId)).items.find(({ id }) => id === terminalId);
    if (found === undefined) throw new AppError('not_found', 'There is no such terminal.', { reason: 'terminal_gone' });
    return found;
  }

  /** Whose shell is wished for; the audit log has it before anybody decides. */
  async function whose(body: BodyOf<typeof terminalsApi.open>, actor: Actor, requestId: string, audit: AuditEntry) {
    const { kind, siteId, hostId } = body;
    if (kind === 'site') {
      audit.target = needed('siteId', siteId);
      const site = await getVisibleSite(ctx, audit.target, actor);
      return { kind, site: { siteId: site.id, slug: site.slug } };
    }
    audit.target = kind === 'host' ? needed('hostId', hostId) : 'root';
    if (kind === 'root') return { kind };
    const { items } = await ctx.agent.call('terminals.hosts', {}, { actor, requestId });
    const host = items.find(({ id }) => id === audit.target);
    if (host === undefined) throw new AppError('not_found', 'There is no such host.', { reason: 'ssh_host_gone' });
    Object.assign(audit.detail, { host: host.name, user: `${host.user}@${host.address}`, port: host.port });
    return { kind, hostId: host.id };
  }

  route(app, terminalsApi.list, ({ actor, requestId }) => visible(actor, requestId), {
    isForPeople: true,
  });

  route(
    app,
    terminalsApi.open,
    async ({ body, actor, requestId, audit }) => {
      const { cols, rows, isRecorded = false } = body;
      const as = await whose(body, actor, requestId, audit);
      const { key, terminal } = await ctx.agent.call(
        'terminals.open',
        { as, cols, rows, isRecorded },
        { actor, requestId },
      );
      Object.assign(audit.detail, { terminalId: terminal.id, user: terminal.user, isRecorded: terminal.isRecorded });
      ends.watch();
      return { key, terminal };
    },
    { isForPeople: true, isAnswerSecret: true },
  );

  route(
    app,
    terminalsApi.enter,
    async ({ params, actor, requestId, audit }) => {
      await getVisible(params.terminalId, actor, requestId);
      const { key, terminal } = await ctx.agent.call('terminals.enter', params, { actor, requestId });
      Object.assign(audit.detail, { user: terminal.user });
      return { key };
    },
    { isForPeople: true, isAnswerSecret: true },
  );

  route(
    app,
    terminalsApi.ticket,
    async ({ params: { terminalId }, actor, requestId }) => {
      const { socketPath, user } = await getVisible(terminalId, actor, requestId);
      const { id: personId, sessionId } = actor;
      return { ticket: tickets.issue({ personId, sessionId, terminalId, socketPath, user }) };
    },
    // What it is used for is written down, also when that is refused.
    { isForPeople: true, isPiece: true },
  );

  route(
    app,
    terminalsApi.close,
    async ({ params, actor, requestId, audit }) => {
      const { terminal } = await ctx.agent.call('terminals.close', params, { actor, requestId });
      Object.assign(audit.detail, { user: terminal.user, startedAt: terminal.startedAt });
    },
    { isForPeople: true },
  );

  route(
    app,
    terminalsApi.connect,
    ({ params: { terminalId }, actor, request, reply }) =>
      serveTerminal({ ctx, actor, request, reply, terminalId, tickets }),
    { isForPeople: true, onRefused: recordRefusals(ctx) },
  );
}

function needed(field: 'siteId' | 'hostId', value: string | undefined): string {
  if (value !== undefined) return value;
  throw new AppError('invalid_request', 'It is not said whose.', { fields: [{ field, code: 'required' }] });
}
