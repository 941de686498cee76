import type { z } from 'zod';
import { AppError } from '#shared/errors.ts';
import { findBehaviourProblems } from '#shared/behaviour/check.ts';
import { formatDomain, type Site, type siteResult } from '#shared/sites.ts';
import type { Context } from '../../context.ts';
import { canSeeSite, type Actor } from '../../core/actor.ts';
import { checkElevated } from '../../core/agent-tickets.ts';
import { newId } from '../../core/id.ts';
import { processIdentity } from '../../core/process-identity.ts';
import { isUniqueError } from '../../db/errors.ts';
import { insertChange, type NewChange } from './changes.store.ts';
import { findSite } from './site-cache.ts';
import { carryOut, settleRow, specOf, underWay, type AgentOutcome, type ChangeContext } from './site-changes.ts';
import { refuseFields, type SiteWarning } from './site-inputs.ts';
import { withSiteLock } from './site-locks.ts';
import { changedFields, snapshotOf, touchesMachine, type SiteSnapshot } from './site-snapshot.ts';
import {
  findRootNeighbour,
  findSiteRow,
  findTakenDomain,
  insertSite,
  replaceDomains,
  snapshotColumns,
  toSite,
  updateSite,
  type SiteRow,
} from './sites.store.ts';
import { inTransaction } from '../../db/transaction.ts';

export type SiteResult = z.output<typeof siteResult>;

/** Who asks, and by which request: travels to the agent and its journal. */
export type Asker = { readonly actor: Actor; readonly requestId: string };

/** Throws `not_found`, also for a site that is not one of the actor's. */
export async function getVisibleSite(ctx: Pick<Context, 'db'>, siteId: string, actor: Actor): Promise<Site> {
  checkVisible(actor, siteId);
  return getSite(ctx, siteId);
}

/** A site of others does not exist for them. Throws `not_found`. */
export function checkVisible(actor: Actor, siteId: string): void {
  if (!canSeeSite(actor, siteId)) throw siteGone();
}

async function getSite(ctx: Pick<Context, 'db'>, siteId: string): Promise<Site> {
  const site = await findSite(ctx.db, siteId);
  if (site === undefined) throw siteGone();
  return site;
}

export function siteGone(): AppError {
  return new AppError('not_found', 'There is no such site.', { reason: 'site_unknown' });
}

/** Writes a new site and its change; false when a name or the slug was taken in the same moment. */
export async function insertWithChange(
  ctx: Pick<Context, 'db'>,
  row: { id: string; snapshot: SiteSnapshot; changeId: string; at: number },
  change: NewChange,
): Promise<boolean> {
  try {
    await inTransaction(ctx.db, async (db) => {
      await insertSite(db, { ...row, worker: processIdentity });
      await insertChange(db, change);
    });
    return true;
  } catch (error) {
    if (isUniqueError(error)) return false;
    throw error;
  }
}

/**
 * Runs `work` on the row with the site locked. A change whose end is unknown is settled first: nothing is built on a
 * guess. Throws `not_found`, `busy`, `changed_meanwhile`.
 */
export async function withOpenSite<T>(
  ctx: ChangeContext,
  siteId: string,
  seenRevision: number | undefined,
  work: (row: SiteRow) => Promise<T>,
): Promise<T> {
  return withSiteLock(ctx.db, siteId, async () => {
    let row = await findSiteRow(ctx.db, siteId);
    if (row !== undefined && row.change_id !== null) {
      if (row.state !== 'failed' && row.worker !== processIdentity) throw otherProcessBusy();
      if (!(await settleRow(ctx, row))) {
        throw new AppError('agent_unavailable', 'How the last change of this site ended is not known yet.', {
          reason: 'outcome_unknown',
        });
      }
      row = await findSiteRow(ctx.db, siteId);
    }
    if (row === undefined) throw siteGone();
    if (seenRevision !== undefined && seenRevision !== row.revision) {
      throw new AppError('changed_meanwhile', 'Somebody changed this in the meantime.', { reason: 'revision_changed' });
    }
    return work(row);
  });
}

function otherProcessBusy(): AppError {
  return new AppError('busy', 'Another change of this site is under way.', { reason: 'site_busy' });
}

export type SiteChangePlan = {
  readonly after: SiteSnapshot;
  readonly warnings: SiteWarning[];
  readonly isOverwriting: boolean;
  readonly action?: NewChange['action'];
  readonly undoes?: string;
};

/** One change of facts: written down, done by the agent, kept or taken back. Nothing to change is no change. */
export async function changeSite(
  ctx: ChangeContext,
  asker: Asker,
  row: SiteRow,
  { after, warnings, isOverwriting, action, undoes }: SiteChangePlan,
): Promise<SiteResult> {
  const before = snapshotOf(toSite(row));
  const fields = changedFields(before, after);
  if (fields.length === 0) return { site: toSite(row), warnings, changeId: null };
  if (fields.includes('domains')) await checkDomainsFree(ctx, asker.actor, after.domains, row.id);
  if (fields.includes('root')) await checkRootFree(ctx, asker.actor, after.root, row.id);
  if (fields.includes('domains') || fields.includes('behaviour')) {
    const problems = findBehaviourProblems(after);
    if (problems.length > 0) throw refuseFields(problems);
  }
  // Asked before anything is written down: who confirms and tries again finds the site as they saw it.
  if (fields.includes('customDirectives')) {
    await checkElevated(ctx.agent, asker, 'setSiteCustomDirectives', { siteId: row.id });
  } else if (after.sftp.keys.some(({ key }) => !before.sftp.keys.some((known) => known.key === key))) {
    await checkElevated(ctx.agent, asker, 'updateSite', { siteId: row.id });
  }
  const changeId = newId();
  const at = Math.max(ctx.clock.now(), row.updated_at + 1);
  const isMachineChange = touchesMachine(fields);
  const change = changeOf(asker, {
    changeId,
    siteId: row.id,
    at,
    action: action ?? actionOf(fields, after),
    before,
    after,
    ...(undoes === undefined ? {} : { undoes }),
  });
  const columns = { ...snapshotColumns(after), revision: row.revision + 1, updated_at: at };
  await writeDown(ctx, asker, row, after, {
    change: { ...change, outcome: isMachineChange ? 'applying' : 'done' },
    columns: isMachineChange ? { ...columns, ...underWay(changeId, 'applying') } : columns,
  });
  ctx.events.publish({ type: 'site', siteId: row.id, change: 'updated' });
  if (!isMachineChange) return resultOf(ctx, row.id, changeId, warnings);
  const onDrift = isOverwriting ? 'overwrite' : 'refuse';
  const outcome = await carryOut(ctx, changeId, () =>
    ctx.agent.call('sites.apply', { spec: specOf(row.id, after), changeId, isNew: false, onDrift }, asker),
  );
  return resultOf(ctx, row.id, changeId, warnings, outcome);
}

/** Row, names and history in one transaction; while the change is open the site holds its old and its new names. */
export async function writeDown(
  ctx: ChangeContext,
  { actor }: Asker,
  row: SiteRow,
  after: SiteSnapshot,
  { change, columns }: { change: NewChange; columns: Parameters<typeof updateSite>[3] },
): Promise<void> {
  const old = toSite(row).domains;
  const added = after.domains.filter(
    ({ host, port }) => !old.some((known) => known.host === host && known.port === port),
  );
  try {
    await inTransaction(ctx.db, async (db) => {
      if (!(await updateSite(db, row.id, row.row_version, columns))) {
        throw new AppError('changed_meanwhile', 'Somebody changed this in the meantime.', {
          reason: 'revision_changed',
        });
      }
      if (added.length > 0) await replaceDomains(db, row.id, [...old, ...added]);
      await insertChange(db, change);
    });
  } catch (error) {
    if (!isUniqueError(error)) throw error;
    await checkDomainsFree(ctx, actor, after.domains, row.id);
    throw error;
  }
}

export function changeOf(
  { actor }: Asker,
  given: {
    changeId: string;
    siteId: string;
    at: number;
    action: NewChange['action'];
    before: SiteSnapshot | null;
    after: SiteSnapshot | null;
    undoes?: string;
  },
): NewChange {
  const { changeId, siteId, at, action, before, after, undoes } = given;
  return {
    id: changeId,
    siteId,
    siteName: (after ?? before)?.name ?? '',
    action,
    actor,
    at,
    outcome: 'applying',
    fields: before === null || after === null ? [] : changedFields(before, after),
    before,
    after,
    undoes: undoes ?? null,
  };
}

function actionOf(fields: readonly string[], after: SiteSnapshot): NewChange['action'] {
  if (fields.length !== 1 || fields[0] !== 'isEnabled') return 'update';
  return after.isEnabled ? 'enable' : 'disable';
}

export async function resultOf(
  ctx: ChangeContext,
  siteId: string,
  changeId: string,
  warnings: readonly SiteWarning[],
  outcome?: AgentOutcome,
): Promise<SiteResult> {
  const isUnserved = outcome?.isServing === false;
  return {
    site: await getSite(ctx, siteId),
    warnings: [...new Set([...warnings, ...(isUnserved ? (['nginx_missing'] as const) : [])])],
    changeId,
  };
}

/** Throws `already_exists` naming the first taken one and who has it: another site, or the panel its own port. */
export async function checkDomainsFree(
  ctx: Pick<ChangeContext, 'db' | 'doors'>,
  actor: Actor,
  domains: SiteSnapshot['domains'],
  exceptSiteId: string | null,
): Promise<void> {
  const ofPanel = domains.findIndex(({ port }) => ctx.doors.ports().includes(port));
  const own = domains[ofPanel];
  if (own !== undefined) {
    const params = { domain: formatDomain(own) };
    throw new AppError('already_exists', `The panel itself answers on the port of ${params.domain}.`, {
      reason: 'domain_of_panel',
      params,
      fields: [{ field: `domains.${ofPanel}`, code: 'domain_of_panel', params }],
    });
  }
  const taken = await findTakenDomain(ctx.db, domains, exceptSiteId);
  if (taken === undefined) return;
  const index = domains.findIndex(({ host, port }) => host === taken.host && port === taken.port);
  const params = { domain: formatDomain(taken), site: shownName(actor, taken.siteId, taken.siteName) };
  throw new AppError('already_exists', `Another site answers to ${params.domain}.`, {
    reason: 'domain_taken',
    params,
    fields: [{ field: `domains.${index}`, code: 'domain_taken', params }],
  });
}

/** Throws `invalid_request` when the folder is, holds or lies in the folder of another site. */
export async function checkRootFree(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  root: string,
  exceptSiteId: string | null,
): Promise<void> {
  const neighbour = await findRootNeighbour(ctx.db, root, exceptSiteId);
  if (neighbour === undefined) return;
  throw refuseFields([
    { field: 'root', code: 'root_of_other_site', params: { site: shownName(actor, neighbour.id, neighbour.name) } },
  ]);
}

/** What a site of others is called is nobody's business. */
export function shownName(actor: Actor, siteId: string, name: string): string {
  return canSeeSite(actor, siteId) ? name : '…';
}
