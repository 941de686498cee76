import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '#shared/errors.ts';
import { suggestCaa } from '#shared/caa-suggestion.ts';
import { sitesApi, type LogKind, type Site } from '#shared/sites.ts';
import type { Context } from '../../context.ts';
import { ifMatch, setEtag } from '../../core/etag.ts';
import { route, type App } from '../../core/route.ts';
import { openStream } from '../../core/sse.ts';
import { listChanges } from './changes.store.ts';
import { specOf } from './site-changes.ts';
import { siteBatchRoutes } from './site-batch.routes.ts';
import { siteCopyRoutes } from './site-copy.routes.ts';
import { siteDomainCheckRoutes } from './site-domain-check.ts';
import { getVisibleSite, type Asker } from './site-editing.ts';
import { getChange, resolveDrift, undoChange } from './site-history.ts';
import { previewRemoval, removeWithBelongings } from './site-removal.ts';
import { listSitesWithFigures, watchSiteFigures } from './site-figures.ts';
import { startSettling } from './site-settling.ts';
import { snapshotOf } from './site-snapshot.ts';
import { findSiteAnswer } from './site-answer.ts';
import { issueSiteCertificate, readSiteTls } from './site-tls.ts';
import { changeSiteFields, createSite, setCustomDirectives } from './sites.logic.ts';
import { listCategories } from './sites.store.ts';

/** How often a followed log is read on. */
const followMs = 1_000;
const cursorPattern = /^\d{1,20}:\d{1,20}$/;

export function sitesRoutes(app: App): void {
  const { ctx } = app;
  siteBatchRoutes(app);
  siteCopyRoutes(app);
  siteDomainCheckRoutes(app);
  app.server.addHook('onReady', (done) => {
    ctx.health.onDrain(startSettling(ctx));
    done();
  });

  const figures = watchSiteFigures(ctx);
  app.server.addHook('onClose', async () => await figures.stop());

  route(app, sitesApi.list, async ({ query, actor }) => {
    const { page, pageSize } = query;
    return { ...(await listSitesWithFigures(ctx, figures, query, actor)), page, pageSize };
  });

  route(app, sitesApi.create, async ({ body, actor, requestId, reply, audit }) => {
    const result = await createSite(ctx, { actor, requestId }, body);
    audit.target = result.site.id;
    audit.detail['name'] = result.site.name;
    setEtag(reply, result.site.revision);
    return result;
  });

  route(app, sitesApi.get, async ({ params, actor, reply }) => {
    const site = await getVisibleSite(ctx, params.siteId, actor);
    setEtag(reply, site.revision);
    return site;
  });

  route(app, sitesApi.update, async ({ params, body, actor, requestId, request, reply }) => {
    const result = await changeSiteFields(ctx, { actor, requestId }, params.siteId, body, ifMatch(request));
    setEtag(reply, result.site.revision);
    return result;
  });

  route(app, sitesApi.setCustomDirectives, async ({ params, body, actor, requestId, request, reply }) => {
    const result = await setCustomDirectives(ctx, { actor, requestId }, params.siteId, body, ifMatch(request));
    setEtag(reply, result.site.revision);
    return result;
  });

  route(app, sitesApi.keepPassword, async ({ params, body, actor, requestId }) => {
    const { id } = await getVisibleSite(ctx, params.siteId, actor);
    return ctx.agent.call('sites.keep_password', { siteId: id, password: body.password }, { actor, requestId });
  });

  route(app, sitesApi.emptyCache, async ({ params, actor, requestId }) => {
    const { id, slug } = await getVisibleSite(ctx, params.siteId, actor);
    return ctx.agent.call('sites.empty_cache', { site: { siteId: id, slug } }, { actor, requestId });
  });

  route(app, sitesApi.findAnswer, async ({ params, body, actor }) =>
    findSiteAnswer(ctx, await getVisibleSite(ctx, params.siteId, actor), body),
  );

  route(app, sitesApi.inspect, async ({ params, actor, requestId }) => {
    const site = await getVisibleSite(ctx, params.siteId, actor);
    const asker = { actor, requestId };
    const [inspection, software] = await Promise.all([
      ctx.agent.call('sites.inspect', { spec: specOf(site.id, snapshotOf(site)) }, asker),
      ctx.agent.call('software.status', {}, asker),
    ]);
    const nginx = software.items.find(({ name }) => name === 'nginx');
    return {
      ...inspection,
      nginx: {
        isInstalled: nginx?.isInstalled ?? false,
        isRunning: nginx?.isRunning ?? false,
        version: nginx?.version ?? null,
      },
    };
  });

  route(app, sitesApi.tls, async ({ params, actor, requestId }) => {
    const site = await getVisibleSite(ctx, params.siteId, actor);
    return readSiteTls(ctx, { actor, requestId }, site);
  });

  route(app, sitesApi.suggestCaa, async ({ params, actor, requestId }) => {
    const { domains, tls } = await getVisibleSite(ctx, params.siteId, actor);
    const asked = { certificateId: tls?.certificateId ?? null };
    const authority = await ctx.agent.call('certificates.authority', asked, { actor, requestId });
    const hosts = domains.map(({ host }) => host);
    return { records: suggestCaa(hosts, authority), hasAccount: authority.accounts.length > 0 };
  });

  route(app, sitesApi.issueCertificate, async ({ params, body, actor, requestId, audit }) => {
    const site = await getVisibleSite(ctx, params.siteId, actor);
    audit.detail['keyKind'] = body.keyKind;
    audit.detail['proof'] = body.proof.kind;
    return issueSiteCertificate(ctx, { actor, requestId }, site, body);
  });

  route(app, sitesApi.resolveDrift, async ({ params, body, actor, requestId, reply }) => {
    const result = await resolveDrift(ctx, { actor, requestId }, params.siteId, body);
    setEtag(reply, result.site.revision);
    return result;
  });

  route(app, sitesApi.repair, async ({ params, actor, requestId, audit }) => {
    const { id, slug } = await getVisibleSite(ctx, params.siteId, actor);
    const answer = await ctx.agent.call('sites.repair', { site: { siteId: id, slug } }, { actor, requestId });
    audit.detail['after'] = answer;
    return answer;
  });

  route(app, sitesApi.previewRemoval, async ({ params, actor, requestId }) => {
    const site = await getVisibleSite(ctx, params.siteId, actor);
    return previewRemoval(ctx, { actor, requestId }, site);
  });

  route(app, sitesApi.remove, async ({ params, body, actor, requestId, request, audit }) => {
    const site = await getVisibleSite(ctx, params.siteId, actor);
    audit.detail['name'] = site.name;
    const { confirm: _confirm, databases: _databases, ...choices } = body;
    Object.assign(audit.detail, choices);
    const done = await removeWithBelongings(ctx, { actor, requestId }, site, body, ifMatch(request));
    if (done.jobIds.length > 0) audit.detail['databaseJobs'] = done.jobIds;
    if (done.left.length > 0) audit.detail['left'] = done.left;
    return done;
  });

  route(app, sitesApi.readLog, async ({ params, query, actor, requestId }) => {
    const site = await getVisibleSite(ctx, params.siteId, actor);
    if (query.cursor !== undefined && !cursorPattern.test(query.cursor)) {
      throw new AppError('invalid_request', 'Some fields are not valid.', {
        fields: [{ field: 'cursor', code: 'invalid' }],
      });
    }
    const cursor = query.cursor ?? null;
    const { kind } = params;
    const { worker, instance, search = '' } = query;
    return readLog(ctx, { actor, requestId }, site, { kind, worker, instance, cursor, search });
  });

  route(app, sitesApi.followLog, async ({ params, query, actor, requestId, request, reply }) => {
    const site = await getVisibleSite(ctx, params.siteId, actor);
    const asker = { actor, requestId };
    const given = request.headers['last-event-id'];
    let cursor = typeof given === 'string' && cursorPattern.test(given) ? given : null;
    // The first answer comes before the stream opens: an agent that is away is a plain error then.
    const what = { kind: params.kind, worker: query.worker, instance: query.instance, search: '' };
    let chunk = await readLog(ctx, asker, site, { ...what, cursor });
    const stream = openStream({ ctx, actor, request, reply });
    for (let isFirst = true; stream.isOpen; isFirst = false) {
      if (isFirst || chunk.lines.length > 0) {
        stream.send({ event: 'log', id: chunk.cursor, data: chunk });
        await stream.drained();
      }
      cursor = chunk.cursor;
      await wait(followMs, undefined, { signal: stream.signal }).catch(() => undefined);
      if (!stream.isOpen) break;
      try {
        chunk = await readLog(ctx, asker, site, { ...what, cursor });
      } catch (error) {
        if (!(error instanceof AppError)) ctx.log.error({ err: error, siteId: site.id }, 'a log could not be followed');
        // The browser comes back with the cursor, and then sees why.
        stream.close();
      }
    }
  });

  route(app, sitesApi.listChanges, async ({ query, actor }) => {
    const { items, total } = await listChanges(ctx.db, query, actor);
    return { items, total, page: query.page, pageSize: query.pageSize };
  });

  route(app, sitesApi.getChange, async ({ params, actor }) => getChange(ctx, actor, params.changeId));

  route(app, sitesApi.undoChange, async ({ params, body, actor, requestId, reply }) => {
    const result = await undoChange(ctx, { actor, requestId }, params.changeId, body);
    setEtag(reply, result.site.revision);
    return result;
  });

  route(app, sitesApi.listCategories, async ({ actor }) => ({ items: await listCategories(ctx.db, actor) }));
}

async function readLog(
  ctx: Context,
  asker: Asker,
  site: Site,
  what: {
    kind: LogKind;
    worker: string | undefined;
    instance: number | undefined;
    cursor: string | null;
    search: string;
  },
) {
  return ctx.agent.call('sites.read_log', { site: { siteId: site.id, slug: site.slug }, ...what }, asker);
}
