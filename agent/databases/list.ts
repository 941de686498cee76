import type { ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import type { DatabaseEngine, DatabaseServer, KnownDatabase } from '#shared/databases.ts';
import { keptDatabases } from './kept.ts';
import { listRecords, type DatabaseRecord } from './records.ts';
import type { FoundDatabase, Where } from './engines/engine.ts';
import { engineOf, lookAtServers } from './engines/engines.ts';

type Listed = ActionResult<AgentActions['databases.list']>;

/** More would not fit into one answer; the panel's own come first. */
const mostForeign = 2_000;

/** What the panel has made, as it stands on the server; and what else is there. */
export async function listDatabases(where: Where): Promise<Listed> {
  const servers = await lookAtServers(where);
  const items = (await Promise.all(servers.map((server) => listOf(where, server)))).flat();
  const removed = keptDatabases(where).map(({ removalId, record, removedAt, part, keptBytes }) => ({
    removalId,
    engine: record.engine,
    name: record.name,
    user: record.user,
    siteId: record.siteId,
    removedAt: new Date(removedAt).toISOString(),
    sizeBytes: keptBytes,
    tables: part.tables.length,
  }));
  return { servers, items: items.sort(byNames), removed };
}

/** Of one server: what the panel has made, as it stands there, and what else is there. */
export async function listOf(where: Where, server: DatabaseServer): Promise<KnownDatabase[]> {
  const found = server.state === 'running' ? await engineOf(server).list(where) : [];
  const byName = new Map(found.map((each) => [each.name, each]));
  const records = listRecords(where).filter(({ engine }) => engine === server.engine);
  const own = records.map((record) => shownDatabase(record, server, byName.get(record.name)));
  const names = new Set(records.map(({ name }) => name));
  const foreign = found.filter(({ name }) => !names.has(name)).slice(0, mostForeign);
  return [...own, ...foreign.map((each) => shownForeign(server.engine, each))];
}

const byNames = (one: KnownDatabase, other: KnownDatabase): number => (one.name < other.name ? -1 : 1);

export function shownDatabase(
  record: DatabaseRecord,
  server: Pick<DatabaseServer, 'state'>,
  found: FoundDatabase | undefined,
): KnownDatabase {
  const { databaseId, engine, name, user, siteId, state, createdAt } = record;
  return {
    databaseId,
    engine,
    name,
    user,
    siteId,
    charset: found?.charset ?? record.charset,
    collation: found?.collation ?? record.collation,
    sizeBytes: found?.sizeBytes ?? null,
    tables: found?.tables ?? null,
    createdAt: new Date(createdAt).toISOString(),
    state: state !== 'ready' ? state : server.state !== 'running' ? 'unknown' : found === undefined ? 'missing' : state,
  };
}

function shownForeign(
  engine: DatabaseEngine,
  { name, charset, collation, sizeBytes, tables }: FoundDatabase,
): KnownDatabase {
  const none = { databaseId: null, user: null, siteId: null, createdAt: null } as const;
  return { ...none, engine, name, charset, collation, sizeBytes, tables, state: 'foreign' };
}
