import { AppError } from '#shared/errors.ts';
import type { ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import type { RemoteServerFacts } from '#shared/remote-databases.ts';
import { listNames, makeFolders, removeFile, removeOwnFolder, sha256 } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { seal, unseal } from '../databases/seal.ts';
import { checkServer, type Checked } from './check.ts';
import { checkAuthority, onWay } from './place.ts';
import {
  countOf,
  findServer,
  folderOf,
  getServer,
  listServers,
  mostServers,
  shownServer,
  trialFolderOf,
  writeServer,
  type KeptServer,
} from './servers.ts';

/** One change of the list at a time; what goes on on a server has locks of its own. */
export const serversLock = 'remote-databases';

type Put = ActionResult<AgentActions['remote_databases.put_server']>;

/** Comes in first: what does not work is not kept. Throws `remote_*`. */
export async function putServer(machine: Machine, facts: RemoteServerFacts, deadlineAt: number): Promise<Put> {
  checkAuthority(facts.authority);
  return await machine.locks.hold(serversLock, deadlineAt, async () => {
    const before = facts.isNew ? findServer(machine, facts.serverId) : getServer(machine, facts.serverId);
    if (!facts.isTrial) refuseTaken(machine, facts, before);
    const password = facts.password ?? (await keptPassword(machine, facts, before));
    const found = await tryServer(machine, facts, password);
    const shown = { version: found.version, isEncrypted: found.isEncrypted };
    if (facts.isTrial) return { server: null, found: shown };
    const { serverId, engine, name, host, port, user, tls, authority, usersFrom } = facts;
    const isSameReach = before !== undefined && before.usersFrom === usersFrom;
    const stateFolder = folderOf(machine, serverId);
    const kept: KeptServer = {
      serverId,
      engine,
      name,
      host,
      port,
      user,
      password: await seal({ stateFolder }, serverId, password),
      tls,
      authority,
      usersFrom,
      // The users that are there are called so, wherever this machine seems to be now.
      usersHost: isSameReach && countOf(machine, serverId) > 0 ? before.usersHost : hostFor(facts, found),
      version: found.version,
      addedAt: before?.addedAt ?? machine.now(),
    };
    await writeServer(machine, kept);
    dropAuthorities(stateFolder, authority);
    return { server: shownServer(machine, kept), found: shown };
  });
}

/** PostgreSQL has no hosts in the names of its users. */
const hostFor = ({ engine, usersFrom }: RemoteServerFacts, { ownHost }: Checked): string =>
  engine === 'postgresql' ? '' : usersFrom === 'any' ? '%' : ownHost;

function refuseTaken(machine: Machine, facts: RemoteServerFacts, before: KeptServer | undefined): void {
  const { serverId, name, engine, usersFrom } = facts;
  const others = listServers(machine).filter((each) => each.serverId !== serverId);
  if (before === undefined && others.length >= mostServers)
    throw new AppError('in_use', 'No more servers are kept.', {
      reason: 'remote_server_full',
      params: { most: mostServers },
    });
  if (others.some((each) => each.name === name))
    throw new AppError('already_exists', 'There is a server of this name.', {
      reason: 'remote_server_exists',
      params: { name },
      fields: [{ field: 'name', code: 'remote_server_exists', params: { name } }],
    });
  if (before === undefined || (before.engine === engine && before.usersFrom === usersFrom)) return;
  // Its users are of this kind and are called so: they would no longer be found.
  if (before.engine !== engine || countOf(machine, serverId) > 0)
    throw new AppError('in_use', 'The panel has made databases there.', { reason: 'remote_server_fixed' });
}

/**
 * Only for the place that it was given for: whoever could send it elsewhere would read it there, and nobody is shown it.
 */
async function keptPassword(
  machine: Machine,
  facts: RemoteServerFacts,
  before: KeptServer | undefined,
): Promise<string> {
  const parts = ['engine', 'host', 'port', 'user', 'tls', 'authority'] as const;
  if (before === undefined || parts.some((part) => before[part] !== facts[part]))
    throw new AppError('invalid_request', 'The password is needed again.', {
      fields: [{ field: 'password', code: before === undefined ? 'required' : 'remote_password_again' }],
    });
  return await unseal({ stateFolder: folderOf(machine, facts.serverId) }, facts.serverId, before.password);
}

async function tryServer(machine: Machine, facts: RemoteServerFacts, password: string): Promise<Checked> {
  const folder = trialFolderOf(machine, facts.serverId);
  makeFolders(folder);
  try {
    const way = { ...facts, usersHost: '' };
    return await onWay(machine, folder, way, password, (place) => checkServer(place, facts.engine));
  } finally {
    removeOwnFolder(folder);
  }
}

function dropAuthorities(stateFolder: string, authority: string | null): void {
  const used = authority === null ? '' : `authority-${sha256(authority).slice(0, 16)}.pem`;
  for (const name of listNames(stateFolder))
    if (name.startsWith('authority-') && name !== used) removeFile(`${stateFolder}/${name}`);
}
