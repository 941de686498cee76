import { AppError } from '#shared/errors.ts';
import type { BodyOf } from '#shared/http.ts';
import type { AccountFate, sitesApi } from '#shared/sites.ts';
import type { Context } from '../../context.ts';
import { can, canSeeSite, type Actor } from '../../core/actor.ts';
import { checkElevated } from '../../core/agent-tickets.ts';
import { newId } from '../../core/id.ts';
import {
  findChangeDetail,
  findChangeRow,
  readFields,
  readSnapshot,
  type ChangeRow,
  type SiteChangeDetail,
} from './changes.store.ts';
import { carryOut, specOf, underWay, type ChangeContext } from './site-changes.ts';
import { withSiteLock } from './site-locks.ts';
import { isSameFact, snapshotOf, type SiteSnapshot, type SnapshotField } from './site-snapshot.ts';
import {
  changeOf,
  changeSite,
  checkDomainsFree,
  checkRootFree,
  checkVisible,
  insertWithChange,
  resultOf,
  withOpenSite,
  writeDown,
  type Asker,
  type SiteResult,
} from './site-editing.ts';
import { findSiteRow, isSlugTaken, toSite } from './sites.store.ts';

/** Throws `not_found`, also for a change of a site that is not one of the actor's. */
export async function getChange(ctx: Context, actor: Actor, changeId: string): Promise<SiteChangeDetail> {
  const change = await findChangeDetail(ctx.db, changeId);
  if (change === undefined || !canSeeSite(actor, change.siteId)) throw changeUnknown();
  return change;
}

function changeUnknown(): AppError {
  return new AppError('not_found', 'There is no such change.', { reason: 'change_unknown' });
}

/**
 * Takes one change back, also when others came after it: each field it touched goes back to what it was before, as long
 * as nobody has changed that field since. Throws `changed_meanwhile` (reason `undo_conflict`) naming the field.
 */
export async function undoChange(
  ctx: Context,
  asker: Asker,
  changeId: string,
  { overwrite, withoutHttps }: BodyOf<typeof sitesApi.undoChange>,
): Promise<SiteResult> {
  const change = await findChangeRow(ctx.db, changeId);
  if (change === undefined || !canSeeSite(asker.actor, change.site_id)) throw changeUnknown();
  if (change.action === 'delete') return undoDeletion(ctx, asker, change, withoutHttps === true);
  const detail = await getChange(ctx, asker.actor, changeId);
  const before = readSnapshot(change.before_json);
  const after = readSnapshot(change.after_json);
  if (!detail.isUndoable || before === null || after === null) throw notUndoable();
  const fields = readFields(change);
  if (fields.includes('customDirectives') && !can(asker.actor, 'sites.custom_directives')) {
    throw new AppError('not_allowed', 'Your role does not allow this.', {
      params: { permission: 'sites.custom_directives' },
    });
  }
  return withOpenSite(ctx, change.site_id, undefined, async (row) => {
    const wanted = revert(snapshotOf(toSite(row)), fields, { before, after });
    return changeSite(ctx, asker, row, {
      after: wanted,
      warnings: [],
      isOverwriting: overwrite === true,
      action: 'undo',
      undoes: change.id,
    });
  });
}

/** The present facts with the fields of a change put back. Throws `changed_meanwhile`. */
export function revert(
  present: SiteSnapshot,
  fields: readonly SnapshotField[],
  { before, after }: { readonly before: SiteSnapshot; readonly after: SiteSnapshot },
): SiteSnapshot {
  const conflict = fields.find((field) => !isSameFact(present[field], after[field]));
  if (conflict !== undefined) throw undoConflict(conflict);
  const old = Object.fromEntries(fields.map((field) => [field, before[field]]));
  return { ...present, ...(old as Partial<SiteSnapshot>) };
}

async function undoDeletion(
  ctx: Context,
  asker: Asker,
  removal: ChangeRow,
  withoutHttps: boolean,
): Promise<SiteResult> {
  const siteId = removal.site_id;
  return withSiteLock(ctx.db, siteId, async () => {
    const kept = readSnapshot(removal.before_json);
    const snapshot = kept !== null && withoutHttps ? { ...kept, tls: null } : kept;
    const isThere = (await findSiteRow(ctx.db, siteId)) !== undefined;
    if (removal.outcome !== 'done' || snapshot === null || isThere) throw notUndoable();
    await checkCertificate(ctx, asker, snapshot);
    if (await isSlugTaken(ctx.db, snapshot.slug)) throw undoConflict('slug');
    await checkDomainsFree(ctx, asker.actor, snapshot.domains, null);
    await checkRootFree(ctx, asker.actor, snapshot.root, null);
    const changeId = newId();
    const at = Math.max(ctx.clock.now(), removal.at + 1);
    const given = { changeId, siteId, at, action: 'undo' as const, before: null, after: snapshot, undoes: removal.id };
    if (!(await insertWithChange(ctx, { id: siteId, snapshot, changeId, at }, changeOf(asker, given)))) {
      await checkDomainsFree(ctx, asker.actor, snapshot.domains, null);
      throw undoConflict('slug');
    }
    ctx.events.publish({ type: 'site', siteId, change: 'created' });
    const outcome = await carryOut(ctx, changeId, () =>
      ctx.agent.call('sites.restore', { spec: specOf(siteId, snapshot), changeId, removalChangeId: removal.id }, asker),
    );
    return resultOf(ctx, siteId, changeId, [], outcome);
  });
}

/** Throws `undo_certificate_missing`: while the site was gone, nothing kept its certificate from being removed. */
async function checkCertificate(ctx: Context, asker: Asker, { tls }: SiteSnapshot): Promise<void> {
  if (tls === null) return;
  const { items } = await ctx.agent.call('certificates.list', {}, asker);
  if (items.some(({ id }) => id === tls.certificateId)) return;
  throw new AppError('in_use', 'The certificate of the site was removed meanwhile.', {
    reason: 'undo_certificate_missing',
  });
}

function undoConflict(field: string): AppError {
  return new AppError('changed_meanwhile', `The field ${field} was changed again since.`, {
    reason: 'undo_conflict',
    params: { field },
  });
}

function notUndoable(): AppError {
  return new AppError('in_use', 'This change cannot be taken back.', { reason: 'not_undoable' });
}

/** Answers `changed_meanwhile` of a drift: accept the file as it is, or write ours again. */
export async function resolveDrift(
  ctx: Context,
  asker: Asker,
  siteId: string,
  { choice }: BodyOf<typeof sitesApi.resolveDrift>,
): Promise<SiteResult> {
  checkVisible(asker.actor, siteId);
  return withOpenSite(ctx, siteId, undefined, async (row) => {
    const snapshot = snapshotOf(toSite(row));
    const changeId = newId();
    const at = Math.max(ctx.clock.now(), row.updated_at + 1);
    const change = changeOf(asker, { changeId, siteId, at, action: choice, before: snapshot, after: snapshot });
    await writeDown(ctx, asker, row, snapshot, {
      change,
      columns: { revision: row.revision + 1, updated_at: at, ...underWay(changeId, 'applying') },
    });
    const spec = specOf(siteId, snapshot);
    const outcome = await carryOut(ctx, changeId, () =>
      choice === 'adopt'
        ? ctx.agent.call('sites.adopt', { spec, changeId }, asker)
        : ctx.agent.call('sites.apply', { spec, changeId, isNew: false, onDrift: 'overwrite' }, asker),
    );
    return resultOf(ctx, siteId, changeId, [], outcome);
  });
}

/** Deletes exactly what the preview listed. */
export async function deleteSite(
  ctx: ChangeContext,
  asker: Asker,
  siteId: string,
  {
    confirm,
    files,
    logs = files,
    account = 'remove',
  }: Pick<BodyOf<typeof sitesApi.remove>, 'confirm' | 'files' | 'logs'> & { readonly account?: AccountFate },
  seenRevision: number | undefined,
): Promise<{ changeId: string }> {
  checkVisible(asker.actor, siteId);
  return withOpenSite(ctx, siteId, seenRevision, async (row) => {
    // Asked before anything is written down: who confirms and tries again finds the site as they saw it.
    if (files !== 'keep' || logs !== 'keep') await checkElevated(ctx.agent, asker, 'deleteSite', { siteId });
    const snapshot = snapshotOf(toSite(row));
    const changeId = newId();
    const at = Math.max(ctx.clock.now(), row.updated_at + 1);
    const change = changeOf(asker, { changeId, siteId, at, action: 'delete', before: snapshot, after: null });
    await writeDown(ctx, asker, row, snapshot, {
      change,
      columns: { updated_at: at, ...underWay(changeId, 'deleting') },
    });
    ctx.events.publish({ type: 'site', siteId, change: 'updated' });
    const site = { siteId, slug: snapshot.slug };
    await carryOut(ctx, changeId, () =>
      ctx.agent.call('sites.remove', { site, root: snapshot.root, changeId, files, logs, account, confirm }, asker),
    );
    return { changeId };
  });
}
