import type { SiteDatabaseInput } from '#shared/databases.ts';
import { AppError } from '#shared/errors.ts';
import { can } from '../../core/actor.ts';
import { AgentCallError, panelActor } from '../../core/agent-client.ts';
import type { Context } from '../../context.ts';
import type { Asker } from './site-editing.ts';

/*
 * A database that is made together with its site. It carries the site's own id, so that whoever takes the site back, also
 * after a crash, finds it without a note of its own.
 */

/** Throws `not_allowed`: who may make sites may not make databases by that alone. */
export function checkMayMakeDatabase({ actor }: Asker, input: SiteDatabaseInput | undefined): void {
  if (input === undefined || can(actor, 'databases.manage')) return;
  throw new AppError('not_allowed', 'Your role does not allow this.', { params: { permission: 'databases.manage' } });
}

export async function makeSiteDatabase(
  ctx: Pick<Context, 'agent'>,
  asker: Asker,
  siteId: string,
  { name, user, charset }: SiteDatabaseInput,
): Promise<void> {
  const given = {
    databaseId: siteId,
    engine: 'mariadb',
    name,
    user,
    charset,
    locale: null,
    siteId,
    password: null,
  } as const;
  try {
    await ctx.agent.call('databases.create', given, asker);
  } catch (error) {
    throw error instanceof AgentCallError ? asOfSite(error) : error;
  }
}

/** The fields as they stand in the form of the site. */
function asOfSite({ code, message, reason, params, fields, isOutcomeKnown, cause }: AgentCallError): AgentCallError {
  return new AgentCallError(code, message, {
    ...(reason === undefined ? {} : { reason }),
    params,
    fields: fields.map((each) => ({ ...each, field: `database.${each.field}` })),
    isOutcomeKnown,
    cause,
  });
}

/** Of a site that was never made: its database goes with it. One that somebody has put something into stays. */
export async function discardSiteDatabase(
  { agent, log }: Pick<Context, 'agent' | 'log'>,
  siteId: string,
  changeId: string,
): Promise<void> {
  try {
    await agent.call(
      'databases.discard',
      { databaseId: siteId },
      { actor: panelActor, requestId: `settle-${changeId}` },
    );
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    // It stays on the page of databases, empty and without a site.
    log.warn({ code: error.code, reason: error.reason, siteId }, 'the database of a site that was not made stays');
  }
}
