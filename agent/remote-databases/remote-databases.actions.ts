import type { Handlers } from '../core/handlers.ts';
import { forgetServer, getServer, listServers, shownServer } from './servers.ts';

type Name = Extract<keyof Handlers, `remote_databases.${string}`>;

export const remoteDatabasesHandlers: Pick<Handlers, Name> = {
  'remote_databases.change_password': async (machine, params, { deadlineAt }) =>
    (await import('./databases.ts')).changeRemotePassword(machine, params, deadlineAt),
  'remote_databases.create': async (machine, params, { deadlineAt }) =>
    (await import('./databases.ts')).createRemote(machine, params, deadlineAt),
  'remote_databases.list': async (machine, params, { deadlineAt }) =>
    (await import('./databases.ts')).listRemote(machine, params, deadlineAt),
  'remote_databases.preview_removal': async (machine, params) =>
    (await import('./databases.ts')).previewRemote(machine, params),
  'remote_databases.put_server': async (machine, params, { deadlineAt }) =>
    (await import('./put-server.ts')).putServer(machine, params, deadlineAt),
  'remote_databases.remove': async (machine, params, { deadlineAt }) =>
    (await import('./databases.ts')).removeRemote(machine, params, deadlineAt),
  async 'remote_databases.remove_server'(machine, { serverId }, { deadlineAt }) {
    const { serversLock } = await import('./put-server.ts');
    const { databasesLock } = await import('../databases/records.ts');
    const { name } = getServer(machine, serverId);
    return await machine.locks.hold(serversLock, deadlineAt, () =>
      // Not while something is being made there, which would be noted afterwards.
      machine.locks.hold(`${databasesLock} ${serverId}`, deadlineAt, () => {
        forgetServer(machine, serverId);
        return Promise.resolve({ name });
      }),
    );
  },
  'remote_databases.servers': (machine) =>
    Promise.resolve({ items: listServers(machine).map((server) => shownServer(machine, server)) }),
};
