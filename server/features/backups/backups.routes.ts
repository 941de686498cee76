import { backupsApi } from '#shared/backups-api.ts';
import type { BackupState } from '#shared/backups.ts';
import { AppError } from '#shared/errors.ts';
import type { Operation } from '#shared/http.ts';
import { route, type App, type RouteArgs, type RouteHandler, type RouteOptions } from '../../core/route.ts';
import { ask, auditOf, checkScope, getSet, hookFacts, sliceOf, troublesOf, type Asking } from './backups.logic.ts';
import { openDownload } from './download.ts';
import { startRun } from './runs.logic.ts';
import { watchBackups } from './watch.ts';

export function backupsRoutes(app: App): void {
  const { ctx } = app;
  const watch = watchBackups(app);

  /** Every operation: backups are nothing for people with some sites only. */
  function open<O extends Operation>(operation: O, handler: RouteHandler<O>, options: RouteOptions<O> = {}): void {
    const scoped: RouteHandler<O> = async (args) => {
      checkScope((args as RouteArgs<O> & Asking).actor);
      return handler(args);
    };
    route(app, operation, scoped, options);
  }

  /** What is there before a change, for the audit log. */
  async function before<K extends 'hooks' | 'targets' | 'plans'>(
    asking: Asking,
    list: K,
    id: string,
  ): Promise<BackupState[K][number] | undefined> {
    const state = await ask(ctx, asking, 'backups.state', {});
    return state[list].find((one) => one.id === id);
  }

  open(backupsApi.overview, async (asking) => {
    const state = await ask(ctx, asking, 'backups.state', {});
    watch.note(state);
    return state;
  });

  open(backupsApi.sources, async (asking) => ask(ctx, asking, 'backups.sources', {}));

  open(backupsApi.sets, async ({ query, ...asking }) => {
    const { targetId = null, planId = null, part = null, page, pageSize } = query;
    const given = { targetId, planId, setId: null, part, ...sliceOf(query) };
    return { ...(await ask(ctx, asking, 'backups.sets', given)), page, pageSize };
  });

  open(backupsApi.set, async ({ params, ...asking }) => getSet(ctx, asking, params));

  open(backupsApi.members, async ({ params, query, ...asking }) => {
    const { part, folder, page, pageSize } = query;
    const given = { ...params, part, folder, ...sliceOf(query) };
    return { ...(await ask(ctx, asking, 'backups.members', given)), page, pageSize };
  });

  open(backupsApi.pin, async ({ params, body, audit, ...asking }) => {
    audit.detail['isPinned'] = body.isPinned;
    return ask(ctx, asking, 'backups.pin', { ...params, ...body });
  });

  open(backupsApi.start, async ({ body, audit, ...asking }) => {
    Object.assign(audit.detail, auditOf(body));
    audit.target = body.kind;
    const job = await startRun(ctx, asking, body);
    audit.detail['jobId'] = job.id;
    return job;
  });

  open(backupsApi.runs, async ({ query, ...asking }) => {
    const { page, pageSize } = query;
    return { ...(await ask(ctx, asking, 'backups.runs', sliceOf(query))), page, pageSize };
  });

  open(backupsApi.run, async ({ params, ...asking }) => {
    const { run, report, isReportCut } = await ask(ctx, asking, 'backups.run', { ...params, offset: 0 });
    if (run === null) {
      throw new AppError('not_found', 'There is no such run.', { reason: 'backup_run_unknown' });
    }
    return { run, report, isReportCut };
  });

  open(
    backupsApi.download,
    async ({ params, reply, ...asking }) => {
      const { headers, stream } = await openDownload(ctx, asking, params.runId);
      reply.headers(headers);
      return stream;
    },
    { isFile: true },
  );

  open(backupsApi.putTarget, async ({ params, body, audit, ...asking }) => {
    const { secret, ...after } = body;
    // The secret itself goes to the agent only: not into the log, the audit or the database.
    Object.assign(audit.detail, { after, isSecretNew: secret !== null });
    const known = await before(asking, 'targets', params.targetId);
    if (known !== undefined) audit.detail['before'] = { name: known.name, place: known.place, limits: known.limits };
    return ask(ctx, asking, 'backups.put_target', { ...params, ...body });
  });

  open(backupsApi.removeTarget, async ({ params, audit, ...asking }) => {
    const known = await before(asking, 'targets', params.targetId);
    if (known !== undefined) audit.detail['before'] = { name: known.name, place: known.place };
    return ask(ctx, asking, 'backups.remove_target', params);
  });

  open(backupsApi.putPlan, async ({ params, body, audit, ...asking }) => {
    audit.detail['after'] = body;
    const known = await before(asking, 'plans', params.planId);
    if (known !== undefined) audit.detail['before'] = known.plan;
    return ask(ctx, asking, 'backups.put_plan', { ...params, plan: body });
  });

  open(backupsApi.removePlan, async ({ params, audit, ...asking }) => {
    const known = await before(asking, 'plans', params.planId);
    if (known !== undefined) audit.detail['before'] = known.plan;
    return ask(ctx, asking, 'backups.remove_plan', params);
  });

  open(backupsApi.putHook, async ({ params, body, audit, ...asking }) => {
    const { url, secret, ...after } = body;
    // An address of a chat is a secret as well: only where it leads is noted.
    const origin = url === null ? null : new URL(url).origin;
    Object.assign(audit.detail, { after: { ...after, origin }, isSecretNew: secret !== null });
    const known = await before(asking, 'hooks', params.hookId);
    if (known !== undefined) audit.detail['before'] = hookFacts(known);
    return ask(ctx, asking, 'backups.put_hook', { ...params, ...body });
  });

  open(backupsApi.removeHook, async ({ params, audit, ...asking }) => {
    const known = await before(asking, 'hooks', params.hookId);
    if (known !== undefined) audit.detail['before'] = hookFacts(known);
    return ask(ctx, asking, 'backups.remove_hook', params);
  });

  open(backupsApi.testHook, async ({ params, audit, ...asking }) => {
    const { outcome } = await ask(ctx, asking, 'backups.test_hook', params);
    Object.assign(audit.detail, { isDelivered: outcome.isDelivered, status: outcome.status, reason: outcome.reason });
    return { outcome };
  });

  // Asked by every page: whoever may not see the backups, and an agent that is away, have nothing to tell here.
  route(app, backupsApi.troubles, async (asking) => {
    const seen = asking.actor.siteScope === 'all' ? await watch.recent() : undefined;
    return { items: seen === undefined ? [] : troublesOf(seen) };
  });

  open(
    backupsApi.keys,
    async ({ body, audit, ...asking }) => {
      audit.target = body.operation;
      if (body.operation === 'retire') audit.detail['keyId'] = body.keyId;
      return ask(ctx, asking, 'backups.keys', body);
    },
    // The recovery key is answered once and kept nowhere.
    { isAnswerSecret: true },
  );

  open(backupsApi.previewRetention, async ({ body, ...asking }) => ask(ctx, asking, 'backups.preview_retention', body));
}
