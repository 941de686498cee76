import type { FileDiff } from './changes.store.ts';
import type { AgentCallOptions } from '../../core/agent-client.ts';
import { AgentCallError, panelActor } from '../../core/agent-client.ts';
import { processIdentity } from '../../core/process-identity.ts';
import type { Context } from '../../context.ts';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { settingsOf } from '#shared/site-settings.ts';
import { findChangeRow, finishChange, readSnapshot, type ChangeRow } from './changes.store.ts';
import { discardSiteDatabase } from './site-database.ts';
import type { SiteSnapshot } from './site-snapshot.ts';
import {
  deleteSite,
  findSiteRow,
  replaceDomains,
  snapshotColumns,
  updateSite,
  type SiteFailure,
  type SiteRow,
} from './sites.store.ts';
import { inTransaction } from '../../db/transaction.ts';

export type ChangeContext = Pick<Context, 'db' | 'agent' | 'events' | 'log' | 'clock'> & {
  readonly doors: Pick<Context['doors'], 'ports'>;
};

/** What the agent answered to a change that worked. */
export type AgentOutcome = {
  readonly linuxUser?: string;
  readonly isServing?: boolean;
  readonly files: readonly FileDiff[];
};

/** What the agent renders. */
export function specOf(siteId: string, snapshot: SiteSnapshot): SiteSpec {
  const { slug, kind, domains, isEnabled, root, upstream, customDirectives } = snapshot;
  const settings = settingsOf(snapshot);
  return { siteId, slug, kind, domains, isEnabled, root, upstream, customDirectives, ...settings };
}

/** Columns that mark a row as having a change under way, carried out by this process. */
export function underWay(changeId: string, state: 'applying' | 'deleting') {
  return { state, failure_json: null, change_id: changeId, worker: processIdentity };
}

const settled = { state: 'active', failure_json: null, change_id: null, worker: null };

/** The change is on the machine: the row says so. */
export async function settleDone(ctx: ChangeContext, change: ChangeRow, outcome: AgentOutcome): Promise<void> {
  await inTransaction(ctx.db, async (db) => {
    const row = await rowOf(db, change);
    if (row === undefined) return;
    if (change.action === 'delete') await deleteSite(db, row.id);
    else {
      const linuxUser = outcome.linuxUser ?? row.linux_user;
      const after = readSnapshot(change.after_json);
      if (after !== null) await replaceDomains(db, row.id, after.domains);
      await updateSite(db, row.id, row.row_version, { ...settled, linux_user: linuxUser });
    }
    await finishChange(db, change.id, { outcome: 'done', files: outcome.files });
  });
  const kind = change.action === 'delete' ? 'deleted' : change.before_json === null ? 'created' : 'updated';
  ctx.events.publish({ type: 'site', siteId: change.site_id, change: kind });
}

/** The change is not on the machine: the row says what it said before; a site that was never made goes. */
export async function settleTakenBack(ctx: ChangeContext, change: ChangeRow, failure: string): Promise<void> {
  const before = readSnapshot(change.before_json);
  if (change.action === 'create') await discardSiteDatabase(ctx, change.site_id, change.id);
  await inTransaction(ctx.db, async (db) => {
    const row = await rowOf(db, change);
    if (row === undefined) return;
    if (before === null) await deleteSite(db, row.id);
    else {
      await replaceDomains(db, row.id, before.domains);
      const revision = row.revision + 1;
      await updateSite(db, row.id, row.row_version, { ...settled, ...snapshotColumns(before), revision });
    }
    await finishChange(db, change.id, { outcome: 'failed', failure });
  });
  ctx.events.publish({ type: 'site', siteId: change.site_id, change: before === null ? 'deleted' : 'updated' });
}

/** Nobody knows yet: flagged, and asked again when the agent is back. */
async function flagUnknown(ctx: ChangeContext, change: ChangeRow, failure: SiteFailure): Promise<void> {
  const row = await rowOf(ctx.db, change);
  if (row === undefined || row.state === 'failed') return;
  await updateSite(ctx.db, row.id, row.row_version, { state: 'failed', failure_json: JSON.stringify(failure) });
  ctx.events.publish({ type: 'site', siteId: change.site_id, change: 'updated' });
}

async function rowOf(db: ChangeContext['db'], change: ChangeRow): Promise<SiteRow | undefined> {
  const row = await findSiteRow(db, change.site_id);
  return row?.change_id === change.id ? row : undefined;
}

/**
 * Does a change that is written down already. Afterwards the row says what is on the machine; when that cannot be known
 * it is `failed` with its change open, to be settled later. Throws what the agent said.
 */
export async function carryOut(
  ctx: ChangeContext,
  changeId: string,
  ask: () => Promise<AgentOutcome>,
): Promise<AgentOutcome> {
  const change = await getChange(ctx, changeId);
  try {
    const outcome = await ask();
    await settleDone(ctx, change, outcome);
    return outcome;
  } catch (error) {
    if (!(error instanceof AgentCallError)) {
      // Our own fault after or before the call: the agent knows how it stands.
      await trySettle(ctx, change);
      throw error;
    }
    if (error.isOutcomeKnown) {
      await settleTakenBack(ctx, change, error.reason ?? error.code);
      throw error;
    }
    // After a time limit the agent may still be at it: asking at once could hear "never heard of it" too early.
    const found = error.code === 'timeout' ? undefined : await trySettle(ctx, change);
    if (found !== undefined && found !== 'taken_back') return found;
    if (found === undefined) {
      await flagUnknown(ctx, change, { code: error.code, reason: 'outcome_unknown', params: {} });
      throw new AgentCallError(
        error.code,
        'The agent did not say how the change ended; it is checked again by itself.',
        {
          reason: 'outcome_unknown',
          cause: error,
          isOutcomeKnown: false,
        },
      );
    }
    throw error;
  }
}

async function getChange(ctx: ChangeContext, changeId: string): Promise<ChangeRow> {
  const change = await findChangeRow(ctx.db, changeId);
  if (change === undefined) throw new Error(`the change ${changeId} was not written down`);
  return change;
}

/** Asks the agent how an open change ended and writes that down; undefined when it cannot be asked. */
async function trySettle(ctx: ChangeContext, change: ChangeRow): Promise<AgentOutcome | 'taken_back' | undefined> {
  const options: AgentCallOptions = { actor: panelActor, requestId: `settle-${change.id}` };
  try {
    const { state, files } = await ctx.agent.call('changes.get', { changeId: change.id }, options);
    if (state !== 'committed') {
      await settleTakenBack(ctx, change, 'interrupted');
      return 'taken_back';
    }
    const outcome = { ...(await factsOf(ctx, change)), files };
    await settleDone(ctx, change, outcome);
    return outcome;
  } catch (error) {
    if (!(error instanceof AgentCallError)) throw error;
    ctx.log.warn({ code: error.code, changeId: change.id }, 'an open change of a site could not be settled yet');
    return undefined;
  }
}

/**
 * What only the answer of the action itself says: a repetition of the same change, by the same person, answers it again.
 * A person who may no longer do it leaves the facts open; the next change of the site brings them.
 */
async function factsOf(ctx: ChangeContext, change: ChangeRow): Promise<Partial<AgentOutcome>> {
  const after = readSnapshot(change.after_json);
  if (after === null || change.before_json !== null) return {};
  const spec = specOf(change.site_id, after);
  const options: AgentCallOptions = {
    actor: { id: change.actor_id, name: change.actor_name },
    requestId: `settle-${change.id}`,
  };
  try {
    const { linuxUser, isServing } =
      change.action === 'undo' && change.undoes_id !== null
        ? await ctx.agent.call(
            'sites.restore',
            { spec, changeId: change.id, removalChangeId: change.undoes_id },
            options,
          )
        : await ctx.agent.call('sites.apply', { spec, changeId: change.id, isNew: true, onDrift: 'refuse' }, options);
    return { linuxUser, isServing };
  } catch (error) {
    if (!(error instanceof AgentCallError) || !['not_allowed', 'elevation_required'].includes(error.code)) throw error;
    return {};
  }
}

/** Settles the open change of this row. False when the agent could not be asked: the row is then flagged. */
export async function settleRow(ctx: ChangeContext, row: SiteRow): Promise<boolean> {
  if (row.change_id === null) return true;
  const change = await findChangeRow(ctx.db, row.change_id);
  if (change === undefined) {
    await updateSite(ctx.db, row.id, row.row_version, { ...settled });
    return true;
  }
  if ((await trySettle(ctx, change)) !== undefined) return true;
  await flagUnknown(ctx, change, { code: 'agent_unavailable', reason: 'outcome_unknown', params: {} });
  return false;
}
