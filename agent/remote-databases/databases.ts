import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { charsetsOf, type DatabaseRemovalPreview, type KnownDatabase } from '#shared/databases.ts';
import { AppError } from '#shared/errors.ts';
import type { RemoteDatabase } from '#shared/remote-databases.ts';
import { isRemoteCharset } from '#shared/remote-databases.ts';
import { logLine, type Machine } from '../core/machine.ts';
import { changePassword, createDatabase, passwordOf, settleRecords } from '../databases/create.ts';
import { engineOf } from '../databases/engines/engines.ts';
import { listOf, shownDatabase } from '../databases/list.ts';
import {
  databasesLock,
  getReady,
  listRecords,
  removeRecord,
  writeRecord,
  type DatabaseRecord,
} from '../databases/records.ts';
import { previewRemoval } from '../databases/removal.ts';
import { onServer, type RemoteMachine } from './place.ts';
import { getServer, shownServer } from './servers.ts';

/*
 * Databases on servers on other machines: the same work as on this one's, in a place that stands for the server. What goes
 * beyond the statements that the server is asked (dumps, browsing, imports) is of this machine only.
 */

type Params<N extends keyof AgentActions> = ActionParams<AgentActions[N]>;
type Result<N extends keyof AgentActions> = ActionResult<AgentActions[N]>;

/** As it is listed: without what is only said of databases of this machine. */
function asRemote(known: KnownDatabase): RemoteDatabase {
  const { databaseId, engine, name, user, charset, collation, sizeBytes, tables, createdAt, state } = known;
  return { databaseId, engine, name, user, charset, collation, sizeBytes, tables, createdAt, state };
}

/** Throws `remote_*`. */
export async function listRemote(
  machine: Machine,
  { serverId }: Params<'remote_databases.list'>,
  deadlineAt: number,
): Promise<Result<'remote_databases.list'>> {
  const server = getServer(machine, serverId);
  return await onServer(machine, server, async (place) => {
    const look = await engineOf(server).look(place);
    if (listRecords(place).some(({ state, nextPassword }) => state !== 'ready' || nextPassword !== null))
      await place.locks.hold(databasesLock, deadlineAt, () => settleOrSay(place));
    const items = await listOf(place, look);
    return { server: shownServer(machine, server), items: items.map(asRemote), locales: look.locales };
  });
}

async function settleOrSay(place: RemoteMachine): Promise<void> {
  try {
    await settle(place);
  } catch (error) {
    // It stays as it is noted, and is listed so.
    const reason = error instanceof AppError ? error.reason : undefined;
    logLine('error', 'what was left on a remote database server could not be brought to an end yet', { reason });
  }
}

/** What a lost connection has left: what was not made goes, and what was being deleted is gone or is there as before. */
async function settle(place: RemoteMachine): Promise<void> {
  await settleRecords(place);
  for (const record of listRecords(place)) {
    if (record.state !== 'removing') continue;
    if (await engineOf(record).hasDatabase(place, record.name)) await writeRecord(place, { ...record, state: 'ready' });
    else await finishRemoval(place, record);
  }
}

/** The password is answered this once. */
export async function createRemote(
  machine: Machine,
  { serverId, charset: wanted, ...given }: Params<'remote_databases.create'>,
  deadlineAt: number,
): Promise<Result<'remote_databases.create'>> {
  const server = getServer(machine, serverId);
  const { engine } = server;
  const charset = wanted ?? charsetsOf[engine][0];
  if (!isRemoteCharset(engine, charset))
    throw new AppError('invalid_request', 'This server has no such character set.', {
      fields: [{ field: 'charset', code: 'database_charset_engine' }],
    });
  return await onServer(machine, server, async (place) => {
    await place.locks.hold(databasesLock, deadlineAt, () => settle(place));
    const record = await createDatabase(place, { ...given, engine, charset, siteId: null }, deadlineAt);
    const { name, collation } = record;
    const fresh = { name, charset, collation, sizeBytes: 0, tables: 0 };
    const database = asRemote(shownDatabase(record, { state: 'running' }, fresh));
    return { database, password: await passwordOf(place, record.databaseId) };
  });
}

export async function changeRemotePassword(
  machine: Machine,
  { serverId, ...given }: Params<'remote_databases.change_password'>,
  deadlineAt: number,
): Promise<{ password: string }> {
  return await onServer(machine, getServer(machine, serverId), async (place) => ({
    password: await changePassword(place, given, deadlineAt),
  }));
}

export async function previewRemote(
  machine: Machine,
  { serverId, databaseId }: Params<'remote_databases.preview_removal'>,
): Promise<DatabaseRemovalPreview> {
  const server = getServer(machine, serverId);
  return await onServer(machine, server, (place) => previewRemoval(place, databaseId));
}

/** For good: a dump of it is what the server's own keepers make. */
export async function removeRemote(
  machine: Machine,
  { serverId, databaseId, confirm }: Params<'remote_databases.remove'>,
  deadlineAt: number,
): Promise<{ name: string }> {
  return await onServer(machine, getServer(machine, serverId), (place) =>
    place.locks.hold(databasesLock, deadlineAt, async () => {
      await settle(place);
      const record = getReady(place, databaseId);
      if ((await previewRemoval(place, databaseId)).confirm !== confirm)
        throw new AppError('changed_meanwhile', 'The list of what would be removed has changed.', {
          reason: 'removal_list_changed',
        });
      // From here on it counts as being deleted: whoever comes next sees how far it went.
      await writeRecord(place, { ...record, state: 'removing' });
      await engineOf(record).dropDatabase(place, record.name);
      await finishRemoval(place, record);
      return { name: record.name };
    }),
  );
}

async function finishRemoval(place: RemoteMachine, record: DatabaseRecord): Promise<void> {
  const server = engineOf(record);
  const { name, user, databaseId } = record;
  if (await server.hasOtherRights(place, user, name)) await server.takeRights(place, user, name);
  else await server.dropUser(place, user);
  await removeRecord(place, databaseId);
}
