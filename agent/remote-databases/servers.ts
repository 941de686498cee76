import { z } from 'zod';
import { databaseEngines } from '#shared/databases.ts';
import { AppError } from '#shared/errors.ts';
import { id } from '#shared/http.ts';
import { remoteTlsModes, remoteUsersFrom, type RemoteServer } from '#shared/remote-databases.ts';
import { listNames, look, readText, removeOwnFolder } from '../core/files.ts';
import { putJsonFile } from '../core/json-file.ts';
import type { Machine } from '../core/machine.ts';
import { listRecords } from '../databases/records.ts';

/*
 * Which servers on other machines the panel knows: a folder of root's for each, with a key of its own and, sealed by it,
 * the administrator's password. What the panel has made there is noted below the same folder, in the way that databases of
 * this machine are noted below the agent's own: nothing of the one is ever taken for the other.
 */

export const keptServer = z.strictObject({
  serverId: id,
  engine: z.enum(databaseEngines),
  name: z.string(),
  host: z.string(),
  port: z.int(),
  user: z.string(),
  /** Sealed. */
  password: z.string(),
  tls: z.enum(remoteTlsModes),
  authority: z.string().nullable(),
  usersFrom: z.enum(remoteUsersFrom),
  usersHost: z.string(),
  version: z.string(),
  /** Epoch ms. */
  addedAt: z.number(),
});
export type KeptServer = z.infer<typeof keptServer>;

type Where = Pick<Machine, 'stateFolder'>;

export const mostServers = 50;

export const serversFolder = ({ stateFolder }: Where): string => `${stateFolder}/remote-databases`;
/** Takes the place of the agent's own state folder for everything that is about this server. */
export const folderOf = (where: Where, serverId: string): string => `${serversFolder(where)}/${serverId}`;
/** Of a server that is only tried. */
export const trialFolderOf = (where: Where, serverId: string): string => `${serversFolder(where)}/trial-${serverId}`;
const pathOf = (where: Where, serverId: string): string => `${folderOf(where, serverId)}/server.json`;

/** Throws for one that cannot be read: it must not pass for one that is not there. */
export function findServer(where: Where, serverId: string): KeptServer | undefined {
  const text = readText(pathOf(where, serverId));
  return text === undefined ? undefined : keptServer.parse(JSON.parse(text));
}

/** Throws `remote_server_unknown`. */
export function getServer(where: Where, serverId: string): KeptServer {
  const found = findServer(where, serverId);
  if (found === undefined)
    throw new AppError('not_found', 'There is no such server.', { reason: 'remote_server_unknown' });
  return found;
}

export function listServers(where: Where): KeptServer[] {
  return listNames(serversFolder(where))
    .filter((name) => id.safeParse(name).success)
    .flatMap((serverId) => findServer(where, serverId) ?? [])
    .sort((one, other) => one.name.localeCompare(other.name));
}

export async function writeServer(where: Where, server: KeptServer): Promise<void> {
  await putJsonFile(pathOf(where, server.serverId), server);
}

export function forgetServer(where: Where, serverId: string): void {
  removeOwnFolder(folderOf(where, serverId));
}

/** How many databases the panel has made there. */
export function countOf(where: Where, serverId: string): number {
  return listRecords({ stateFolder: folderOf(where, serverId) }).length;
}

/** Without its password. */
export function shownServer(where: Where, server: KeptServer): RemoteServer {
  const { serverId, engine, name, host, port, user, tls, authority, usersFrom, usersHost, version, addedAt } = server;
  const place = { serverId, engine, name, host, port, user, tls, authority, usersFrom, usersHost, version };
  return { ...place, addedAt: new Date(addedAt).toISOString(), databases: countOf(where, serverId) };
}

/** When the agent starts: what calls that ended with the one before have left, files with passwords among them. */
export function tidyServers(where: Where): void {
  for (const name of listNames(serversFolder(where))) {
    const left = `${serversFolder(where)}/${name}${name.startsWith('trial-') ? '' : '/databases/scratch'}`;
    if (look(left).type === 'folder') removeOwnFolder(left);
  }
}
